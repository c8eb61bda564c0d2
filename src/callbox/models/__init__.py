"""Tables: fields, constraints, one-row properties; no verbs.

Import a model from its own file (`from callbox.models.inbox import Message`): the walls between
rooms are checked by import, and a name re-exported here would walk round them. This file only makes
the tables known to Django.
"""

import callbox.models.accounts
import callbox.models.inbox
import callbox.models.media
import callbox.models.people
import callbox.models.portal
import callbox.models.posts
import callbox.models.records  # noqa: F401  # known to Django; nothing is re-exported
