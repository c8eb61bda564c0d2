"""Who acts, what they may do, and what the ledger says that they did."""

from enum import StrEnum


class UnitKind(StrEnum):
    """What a unit is. An agency may use any part of this ladder."""

    DEPARTMENT = "department"
    BUREAU = "bureau"
    OFFICE = "office"
    AREA = "area"
    DISTRICT = "district"
    BEAT = "beat"


class Role(StrEnum):
    """What a grant lets a member be, in a unit and everything below it."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    NEWS_AFFAIRS = "news_affairs"
    RECORDS = "records"
    TIP_HANDLER = "tip_handler"
    OVERSIGHT = "oversight"
    ADMINISTRATOR = "administrator"


class Deed(StrEnum):
    """Everything a member can do. `rules.access` says which role may do it."""

    READ = "read"  # conversations, notes, history
    REPLY = "reply"
    NOTE = "note"
    ASSIGN = "assign"
    CLOSE = "close"
    MERGE = "merge"
    WITHDRAW = "withdraw"  # take back a reply
    PUBLISH = "publish"  # say something first, from an account
    LIKE = "like"
    HIDE = "hide"  # hide somebody's public message, with a reason, and show it again
    TAKE_OVER = "take_over"  # a draft that somebody else is writing
    READ_DELETED = "read_deleted"  # what its author removed (policing R36)
    VERIFY = "verify"  # check the ledger
    SEE_ACCOUNTS = "see_accounts"
    RUN_ACCOUNTS = "run_accounts"  # connect, pause, run arrivals again
    SEE_MEMBERS = "see_members"
    GRANT = "grant"  # give and end roles, set duty windows
    WAIVE_DUTY = "waive_duty"  # let a member act outside duty, on record (policing R3)


class ActorKind(StrEnum):
    """Who did what an entry says."""

    MEMBER = "member"
    RESIDENT = "resident"
    SYSTEM = "system"


class Happening(StrEnum):
    """What an entry of the ledger says."""

    MESSAGE_RECEIVED = "message_received"
    MESSAGE_EDITED = "message_edited"
    MESSAGE_DELETED = "message_deleted"
    MESSAGE_HIDDEN = "message_hidden"
    MESSAGE_SHOWN = "message_shown"
    MEDIA_KEPT = "media_kept"  # a message's picture or file was fetched and stored
    MEDIA_REFUSED = "media_refused"  # or was not: too large, no kind that we take, not there
    ARRIVAL_QUARANTINED = "arrival_quarantined"
    ARRIVAL_RERUN = "arrival_rerun"
    CONVERSATION_ASSIGNED = "conversation_assigned"
    CONVERSATION_CLOSED = "conversation_closed"
    CONVERSATION_REOPENED = "conversation_reopened"
    CONVERSATION_MERGED = "conversation_merged"
    CONVERSATION_UNMERGED = "conversation_unmerged"
    CONVERSATION_RELABELLED = "conversation_relabelled"
    CONVERSATION_SNOOZED = "conversation_snoozed"
    DRAFT_TAKEN_OVER = "draft_taken_over"
    NOTE_WRITTEN = "note_written"
    REPLY_QUEUED = "reply_queued"
    REPLY_WITHDRAWN = "reply_withdrawn"
    REPLY_SENDING = "reply_sending"
    REPLY_SENT = "reply_sent"
    REPLY_CONFIRMED = "reply_confirmed"  # read back from the network
    REPLY_FAILED = "reply_failed"
    REPLY_UNKNOWN = "reply_unknown"
    REPLY_VANISHED = "reply_vanished"  # it was there, and is not any more
    DUTY_WAIVED = "duty_waived"
    ACCOUNT_CONNECTED = "account_connected"
    ACCOUNT_PAUSED = "account_paused"
    ACCOUNT_RESUMED = "account_resumed"
    REPLY_CORRECTED = "reply_corrected"
    REPLY_REPORTED = "reply_reported"  # delivered, read, or never reached them
    ANSWERED_BY_HAND = "answered_by_hand"  # on the network itself, outside Callbox
    ACT_ASKED = "act_asked"
    ACT_DONE = "act_done"
    ACT_FAILED = "act_failed"
    ACCOUNT_DISCONNECTED = "account_disconnected"
    ACCOUNT_MOVED = "account_moved"  # it belongs to another unit
    ACCOUNT_RENEWED = "account_renewed"
    ACCOUNT_LOGIN_ENDING = "account_login_ending"
    HOOKS_MENDED = "hooks_mended"
    HOOKS_BROKEN = "hooks_broken"
    PAST_ASKED = "past_asked"  # an import was begun
    PAST_TAKEN = "past_taken"  # and ended
    SECRETS_RESEALED = "secrets_resealed"
    ACCOUNT_BLIND = "account_blind"
    ACCOUNT_SEES_AGAIN = "account_sees_again"
    AGENCY_CREATED = "agency_created"
    MEMBER_ADDED = "member_added"
    GRANT_GIVEN = "grant_given"
    GRANT_ENDED = "grant_ended"
    DUTY_SET = "duty_set"
