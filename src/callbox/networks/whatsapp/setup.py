"""What an administrator is asked for and told, and what WhatsApp cannot do. Words only."""

from collections.abc import Mapping

from callbox.logins import Scope, Setting

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "phone_number_id",
        "Phone number ID",
        help="Meta's app dashboard: WhatsApp, API Setup, below the number. Not the number itself.",
    ),
    Setting(
        "waba_id",
        "WhatsApp Business account ID",
        help="On the same page.",
    ),
    Setting(
        "token",
        "Access token",
        secret=True,
        help="Of a system user (Business settings, System users, Generate token) with the rights "
        "whatsapp_business_messaging and whatsapp_business_management, that never expires.",
    ),
    Setting(
        "app_secret",
        "App secret",
        secret=True,
        help="App dashboard: App settings, Basic. Meta signs its calls to us with it.",
    ),
    Setting(
        "template",
        "Template for after 24 hours",
        required=False,
        help="The name of an approved template with one variable, like “About your question to the "
        "7th District: {{1}} You can answer here.” With it, a member can still write when somebody "
        "wrote more than 24 hours ago; their words go into the variable, in one line.",
    ),
    Setting(
        "template_language",
        "Language of the template",
        required=False,
        default="en_US",
    ),
    Setting("version", "API version", default="v23.0"),
    Setting("server", "Server address", default="https://graph.facebook.com", kind="url"),
)

SCOPES: tuple[Scope, ...] = (
    Scope("whatsapp_business_messaging", "To read and send messages, and to open pictures."),
    Scope("whatsapp_business_management", "To subscribe to messages, and to look after that."),
)

PREPARATION: tuple[str, ...] = (
    "In Meta's app dashboard, make an app of type Business that belongs to the agency's business, "
    "and add WhatsApp to it.",
    "Have the business verified (Business settings, Security centre), and add a phone number that "
    "is not used in a WhatsApp app, or one of a WhatsApp Business app with coexistence.",
    "Give a system user the app and the WhatsApp account, and generate its token.",
    "In the app dashboard, WhatsApp, Configuration, subscribe to the field “messages” (with "
    "coexistence also to “smb_message_echoes”). Callbox points the calls to its own address.",
    "Write in the number's profile what it is for, that it is not watched at all hours, and that "
    "emergencies go to 911.",
)

CANNOT: Mapping[str, str] = {
    "reply": "WhatsApp messages are private: there is no public to answer before.",
    "publish": "WhatsApp takes only answers from us, and approved templates. There is nothing to "
    "post in.",
    "hide": "Only the two of you can see a WhatsApp message, so there is nothing to hide.",
    "edit": "WhatsApp's API cannot change a message once it is sent. Send a correction.",
    "delete": "WhatsApp's API cannot take a message back once it is sent.",
    "look": "WhatsApp shows nobody what they have sent; it reports how far it has come.",
    "history": "WhatsApp gives nothing that was said before the number was connected.",
    "context": "A WhatsApp message has no thread around it but the conversation itself.",
}

OVER = (
    "They last wrote more than 24 hours ago, and WhatsApp then takes no answer from us any more. "
    "They can write to us again at any time."
)
NOBODY = "WhatsApp did not say who wrote this, so nothing can be sent back."
NOT_YET = (
    "WhatsApp shows nobody what they have sent. It reports by itself when this one went out, and "
    "then it is marked as sent."
)
