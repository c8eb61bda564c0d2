"""Text messages (SMS and MMS) through a Twilio account."""
