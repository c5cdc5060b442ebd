"""How the world speaks: WhatsApp, e-mail, and a simulator of both. Knows no SQL, no engine, no decision."""
