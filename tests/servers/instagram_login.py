"""The half of Instagram's stand-in where codes and tokens are traded."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

from tests.servers.graph import fault_answer
from tests.servers.instagram import ACCOUNT, MEMBER, InstagramStandIn
from tests.servers.standin import Answer, Call, route

DAYS_60 = int(timedelta(days=60).total_seconds())


class InstagramWithLogin(InstagramStandIn):
    """With the addresses of logins. `approve` is the member's click."""

    issued = 0
    declined: Sequence[str] = ()  # what the member switches off
    granted: Sequence[str] = ()
    wanted: Sequence[str] = ()

    def approve(self, address: str) -> dict[str, str]:
        """A member lets us in at this address of the network's: what comes back to us."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.issued += 1
        code = f"code-{self.issued}"
        self.codes[code] = asked["redirect_uri"]
        wanted = asked["scope"].split(",")
        self.granted = [one for one in wanted if one not in self.declined]
        self.wanted = wanted
        return {"code": f"{code}#_", "state": asked["state"]}

    def _token(self, whose: str, kind: str) -> str:
        self.issued += 1
        token = f"{kind}-token-{self.issued}"
        self.tokens[token] = whose
        return token

    def _trade_code(self, call: Call) -> Answer:
        form = call.form()
        if form.get("client_secret") != self.app_secret:
            return fault_answer(1, "Error validating client secret.", status=400)
        if self.codes.pop(form.get("code", ""), None) != form.get("redirect_uri"):
            return fault_answer(100, "This authorization code has been used.", 36009)
        whose = MEMBER if self.through_page else ACCOUNT
        return Answer(200, {"access_token": self._token(whose, "short"), "expires_in": 3600})

    @route("POST", "/oauth/access_token")
    def instagram_code(self, call: Call) -> Answer:
        answer = self._trade_code(call)
        if answer.status == 200:
            given = ",".join(self.granted)
            answer.body = {"data": [{**answer.body, "user_id": ACCOUNT, "permissions": given}]}
        return answer

    @route("POST", "/{v}/oauth/access_token")
    def facebook_code(self, call: Call) -> Answer:
        form = call.form()
        if form.get("grant_type") != "fb_exchange_token":
            return self._trade_code(call) if form.get("code_verifier") else fault_answer(1, "PKCE")
        if form.get("fb_exchange_token") not in self.tokens:
            return fault_answer(190, "Bad token", 467)
        return Answer(200, {"access_token": self._token(MEMBER, "long"), "expires_in": DAYS_60})

    @route("GET", "/{v}/{id}/permissions")
    def permissions(self, call: Call) -> Answer:
        given = [
            {"permission": one, "status": "granted" if one in self.granted else "declined"}
            for one in self.wanted
        ]
        return Answer(200, {"data": given})

    @route("GET", "/access_token")
    def lengthen(self, call: Call) -> Answer:
        return self._longer(call, "ig_exchange_token")

    @route("GET", "/refresh_access_token")
    def refresh(self, call: Call) -> Answer:
        return self._longer(call, "ig_refresh_token")

    def _longer(self, call: Call, grant: str) -> Answer:
        if call.query.get("grant_type") != grant or "access_token" in call.query:
            return fault_answer(100, "Invalid parameter")
        if call.token in self.dead or call.token not in self.tokens:
            return fault_answer(190, "Session has expired", 463)
        token = self._token(self.tokens[call.token], "long")
        return Answer(200, {"access_token": token, "token_type": "bearer", "expires_in": DAYS_60})
