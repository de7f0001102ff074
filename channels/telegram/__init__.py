"""Telegram: customers in private chats, the staff in forum groups; the Bot API spoken directly over HTTP."""
