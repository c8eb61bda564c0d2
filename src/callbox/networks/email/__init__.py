"""E-mail: one mailbox, read over IMAP and answered over SMTP."""
