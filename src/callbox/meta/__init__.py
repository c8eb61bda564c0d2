"""What the networks of one company, Meta, have in common: calls, errors, logins, webhooks, windows.

Below the networks and above `callbox.wire`; no network is named here: a network gives its own name,
base address, version, and login exchange. A map for whoever builds a network on it:

- `graph.Graph`: calls. `read`, `maybe` (None when it is gone), `listing` and `walk` (cursors),
  `write`; its `usage` says when to stop polling.
- `errors`: the one error map, `Meanings`. `fault_of(error)` gives the network's code back to
  whoever must look.
- `usage.Usage`: the usage headers, and until when to rest.
- `containers.Attempt`: publishing in steps (prepare, wait, publish); `pending` remembers how far.
- `watching`: what stands below our posts, compared from poll to poll.
- `connector.GraphConnector`: a connector with one client, for networks with nothing else.
- `tokens`: a login from code to long-lived token, `kept_alive` for `Connector.renew`.
- `signature`: `answered` is the whole of `Connector.receive_hook`.
- `windows`: who may still be answered in private, and with which tag.
- `times` and `values`: reading what may be anything; nothing in them raises.
"""
