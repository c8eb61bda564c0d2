"""Connecting a Page: the member's own login, turned into the Page's.

A code becomes a short login of the member, that a long one (60 days), and that gives each of the
member's Pages a login of its own, which has no end by date: it ends when the member changes the
password, loses the role or removes the app (“Access tokens”, “Get a Page access token”). PKCE S256
as for every OAuth login here.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from callbox.connector import AuthDead, AuthTransient, ConnectorError, Refused
from callbox.logins import Candidate, Identity, Renewed
from callbox.meta.errors import Meanings, fault_of
from callbox.meta.graph import Graph
from callbox.meta.times import moment
from callbox.meta.tokens import Exchange, Grant, Token
from callbox.meta.values import ident, web
from callbox.networks.facebook import names
from callbox.oauth import challenge
from callbox.values import Json, mapping, sequence, text

PAGE = "id,name,username,link,category"
_MOST_PAGES = 20  # of the list of a member's Pages
_TASKS = {
    "MODERATE": "answer and hide comments",
    "CREATE_CONTENT": "publish",
    "MESSAGING": "answer private messages",
}


def longer(version: str) -> Grant:
    """Where a login is traded for a longer one. It has its version in the address, as calls do."""
    return Grant("fb_exchange_token", f"/{version}/oauth/access_token", "fb_exchange_token")


def dialog(base: str, config: Mapping[str, Any], back: str, state: str, verifier: str) -> str:
    """The address of the network's own page where a member lets us in."""
    query = {
        "client_id": text(config.get("client_id")).strip(),
        "redirect_uri": back,
        "state": state,
        "response_type": "code",
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
        # Without it, Facebook never asks again for what a member once switched off.
        "auth_type": "rerequest",
    }
    # An app of the type Business has its permissions in a configuration of its own.
    configuration = text(config.get("config_id")).strip()
    if configuration:
        query["config_id"] = configuration
    else:
        query["scope"] = ",".join(scope.name for scope in names.SCOPES)
    return f"{base}/dialog/oauth?{urlencode(query)}"


class Login:
    """The exchange of one code."""

    def __init__(
        self,
        exchange: Exchange,
        app: Mapping[str, str],
        version: str,
        graph_for: Callable[[str], Graph],
    ) -> None:
        self._exchange = exchange
        self._app = app  # client_id, client_secret
        self._version = version
        self._graph_for = graph_for

    def candidates(self, code: str, back: str, verifier: str) -> Sequence[Candidate]:
        """Every Page that the code opens, the ones that can be worked with first. Raises AuthDead
        when it opens none."""
        grant = longer(self._version)
        form = {**self._app, "redirect_uri": back, "code": code, "code_verifier": verifier}
        short = text(self._exchange.code(grant.path, form).get("access_token"))
        member = self._exchange.longer(grant, short, self._app)
        graph = self._graph_for(member.value)
        try:
            return self._pages(graph, member)
        finally:
            graph.close()

    def _pages(self, graph: Graph, member: Token) -> Sequence[Candidate]:
        declined = _declined(graph)
        params = {"fields": "id,name,username,link,access_token,tasks", "limit": 100}
        found = [
            _candidate(page, member, declined)
            for page in graph.walk("/me/accounts", params, _MOST_PAGES)
            if text(page.get("access_token"))
        ]
        if not found:
            raise AuthDead(
                "This login opens no Page. Pick the department's Page when Facebook asks which "
                "Pages Callbox may use, and connect with a member who has a role on it."
            )
        return sorted(found, key=lambda one: len(missing_tasks(one.config)))


def _declined(graph: Graph) -> Sequence[str]:
    """What the member switched off when asked; nothing is known of a system's own login."""
    try:
        granted = list(graph.walk("/me/permissions", {"limit": 100}, _MOST_PAGES))
    except Refused:
        return ()
    return [text(one.get("permission")) for one in granted if text(one.get("status")) != "granted"]


def _candidate(page: Json, member: Token, declined: Sequence[str]) -> Candidate:
    config = {"tasks": [text(one) for one in sequence(page.get("tasks"))], "declined": declined}
    missing = ", ".join(_TASKS[task] for task in missing_tasks(config))
    token = Token(text(page.get("access_token")), member.issued_at)
    lacking = f"This login may not: {missing}." if missing else ""
    return Candidate(identity(page), token.stored(), config, lacking=lacking)


def identity(page: Json) -> Identity:
    """Who a Page is."""
    external_id, name = ident(page.get("id")), text(page.get("name"))
    return Identity(
        external_id,
        text(page.get("username")) or name,
        name,
        web(page.get("link")) or f"https://www.facebook.com/{external_id}",
    )


def missing_tasks(config: Mapping[str, Any]) -> Sequence[str]:
    """The tasks on the Page that we need and the login lacks; none where nobody has told. Newer
    Pages have a prefix before each, and full control says everything at once."""
    tasks = {text(one).removeprefix("PROFILE_PLUS_") for one in sequence(config.get("tasks"))}
    if tasks & {"FULL_CONTROL", "MANAGE"}:
        return ()
    return [task for task in _TASKS if task not in tasks] if tasks else ()


def lacking(config: Mapping[str, Any], ability: str) -> str:
    """Why the login of this account may not do something, or ""."""
    task, permission = names.NEEDS.get(ability, ("", ""))
    if task and task in missing_tasks(config):
        return (
            f"The member who connected this Page lacks the task “{task}” on it. Somebody with full "
            "control can give it in the Page's settings, Page access."
        )
    if permission and permission in sequence(config.get("declined")):
        return (
            f"The permission “{permission}” was not given when this Page was connected. Connect it "
            "again and leave it switched on."
        )
    return ""


def identify(graph: Graph) -> Identity:
    """Who the login is. Raises Refused for one that is a member's own and not a Page's: a person
    has no `category`."""
    try:
        page = graph.read("/me", {"fields": PAGE})
    except Refused as error:
        fault = fault_of(error)
        if fault is None or "field" not in fault.said:
            raise
        raise Refused(f"This is not the login of a Page. {error}") from error
    if not ident(page.get("id")):
        raise AuthTransient("Facebook did not say who this login is. Try again.")
    return identity(page)


def checked(app: Graph, token: str, meanings: Meanings) -> Renewed:
    """Whether a Page's login still stands, and when it ends (None: it has no end by date).

    Asked of the network as the app, in a batch: so the token is in no address. Reading what people
    wrote ends 90 days after the member last used the app, even while the login stands: whichever
    comes first counts.
    """
    query = urlencode({"input_token": token})
    try:
        answers = app.batch([{"method": "GET", "relative_url": f"debug_token?{query}"}])
    except AuthDead as error:
        raise Refused(
            "Facebook does not take the app's ID and secret. Check them in this account's settings."
        ) from error
    except ConnectorError as error:
        raise AuthTransient(str(error)) from error
    data = mapping(mapping(answers[0] if answers else {}).get("data"))
    if "is_valid" not in data:
        raise AuthTransient("Facebook did not say whether the login still stands.")
    if data.get("is_valid") is not True:
        raise AuthDead(meanings.dead_words(mapping(data.get("error")).get("subcode")))
    return Renewed(_end(data))


def _end(data: Json) -> datetime | None:
    ends = [moment(data.get(name)) for name in ("expires_at", "data_access_expires_at")]
    return min((end for end in ends if end), default=None)
