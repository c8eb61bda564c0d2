"""WhatsApp, through the Cloud API of a WhatsApp Business account."""
