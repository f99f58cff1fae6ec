"""The DIAL client."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from polychat._core.auth import SyncAuthValue, conceal
from polychat._core.client import SyncClient, SyncCore
from polychat._core.headers import concealed_headers
from polychat._core.http import SyncHTTP
from polychat._core.options import Options, client_timeout

from ._chat import Chat
from ._places import DIAL_TIMEOUT, Places, appdata_home, home, plain_headers
from ._platform import dial_service

if TYPE_CHECKING:
    import ssl
    from pathlib import PurePosixPath

    from ._catalog import (
        Application,
        Bucket,
        Deployments,
        Embeddings,
        Metadata,
        Model,
        Toolset,
        User,
    )
    from ._client_channel import ClientChannel
    from ._files import Files
    from ._sharing import (
        Invitations,
        Notifications,
        Publications,
        ResourcePermissions,
        Resources,
        Sharing,
    )
    from ._skills import SkillsRef
    from ._stored import Applications, Conversations, Prompts, Toolsets
    from .types.bucket import AppData


class Dial(Places, SyncClient):
    """A client of AI DIAL.

    ``base_url`` is DIAL Core's or an application server's URL (``DIAL_URL``). ``api_key``
    (``DIAL_API_KEY``) or ``bearer_token`` (``DIAL_BEARER_TOKEN``) is a string, a callable that
    returns one, or a token credential; both may be given if they are equal, or with
    ``allow_both_auth``. ``timeout`` in seconds, or `polychat.Timeout`; ``deadline`` in seconds in
    total; ``max_answer_bytes`` the largest answer that is held in memory (512 MiB);
    ``http_client`` an ``httpx.Client`` (or httpx2's) of your own, never closed here;
    ``transport`` an httpx transport; ``verify`` a TLS context or the path of a CA bundle;
    ``proxy`` the URL of a proxy for all requests, in the place of those of the environment.

    Raises `polychat.errors.ConfigurationError` for arguments that cannot work.
    """

    _core: SyncCore

    def __init__(
        self,
        *,
        base_url: str | None = None,
        api_key: SyncAuthValue | None = None,
        bearer_token: SyncAuthValue | None = None,
        max_retries: int = 2,
        timeout: Any = DIAL_TIMEOUT,
        api_version: str | None = None,
        http_client: Any = None,
        default_headers: Mapping[str, str] | None = None,
        deadline: float | None = None,
        allow_both_auth: bool = False,
        transport: Any = None,
        verify: ssl.SSLContext | str | bool = True,
        proxy: str | None = None,
        max_answer_bytes: int | None = None,
    ) -> None:
        # What is secret is concealed first, so that no traceback from here shows it.
        api_key, bearer_token, proxy = conceal(api_key), conceal(bearer_token), conceal(proxy)
        default_headers = concealed_headers(default_headers)
        timeout = client_timeout(timeout, DIAL_TIMEOUT, http_client)
        options = Options().with_(
            {
                "max_retries": max_retries,
                "timeout": timeout,
                "deadline": deadline,
                "max_answer_bytes": max_answer_bytes,
            }
        )
        service = dial_service(
            base_url, api_key, bearer_token, default_headers, allow_both_auth=allow_both_auth
        )
        self._pooled = isinstance(http_client, SyncHTTP)
        http = SyncHTTP.of(http_client, transport=transport, verify=verify, proxy=proxy)
        super().__init__(SyncCore(service, options, http))
        self._api_version = api_version
        self._my_bucket: str | None = None
        self._my_appdata: list[AppData | None] = []

    def close(self) -> None:
        """Closes the connections; not those of a pool or of an ``http_client`` that was passed
        in."""
        if not self._pooled:
            super().close()

    def auth_headers(self) -> dict[str, str]:
        """The credentials of a request, in plain text: take care where they go."""
        return plain_headers(self._core.service.auth.headers())

    def my_bucket(self) -> str:
        """The caller's bucket, asked for once."""
        if self._my_bucket is None:
            self._my_bucket = self.bucket.get_bucket()
        return self._my_bucket

    def my_files_home(self) -> PurePosixPath:
        """``files/{bucket}``."""
        return home("files", self.my_bucket())

    def my_conversations_home(self) -> PurePosixPath:
        """``conversations/{bucket}``."""
        return home("conversations", self.my_bucket())

    def my_prompts_home(self) -> PurePosixPath:
        """``prompts/{bucket}``."""
        return home("prompts", self.my_bucket())

    def my_appdata(self) -> AppData | None:
        """Where an application keeps what belongs to its user, asked for once."""
        if not self._my_appdata:
            self._my_appdata = [self.bucket.get_appdata()]
        return self._my_appdata[0]

    def my_appdata_home(self) -> PurePosixPath | None:
        """``{bucket}/appdata/{application}``, below ``files`` and its like, as plain names."""
        appdata = self.my_appdata()
        return None if appdata is None else appdata_home(appdata)

    @property
    def chat(self) -> Chat:
        """Chat completions."""
        return Chat(self._core, self._api_version)

    @property
    def embeddings(self) -> Embeddings:
        """Vectors of texts and attachments."""
        from ._catalog import Embeddings

        return Embeddings(self._core, self._api_version)

    @property
    def skills(self) -> SkillsRef:
        """Skills, by references."""
        from ._skills import SkillsRef

        return SkillsRef(self._core, self.my_bucket)

    @property
    def deployments(self) -> Deployments:
        """Models and applications that can be called."""
        from ._catalog import Deployments

        return Deployments(self._core)

    @property
    def applications(self) -> Applications:
        """Applications: called, stored, deployed."""
        from ._stored import Applications

        return Applications(self._core)

    @property
    def application(self) -> Application:
        """`applications`, as aidial-client has it."""
        from ._catalog import Application

        return Application(self._core)

    @property
    def models(self) -> Model:
        """Models."""
        from ._catalog import Model

        return Model(self._core)

    @property
    def model(self) -> Model:
        """The same as `models`."""
        from ._catalog import Model

        return Model(self._core)

    @property
    def toolsets(self) -> Toolsets:
        """Toolsets: used and stored."""
        from ._stored import Toolsets

        return Toolsets(self._core)

    @property
    def toolset(self) -> Toolset:
        """`toolsets`, as aidial-client has it."""
        from ._catalog import Toolset

        return Toolset(self._core)

    @property
    def user(self) -> User:
        """The caller."""
        from ._catalog import User

        return User(self._core)

    @property
    def bucket(self) -> Bucket:
        """Where the caller's things are."""
        from ._catalog import Bucket

        return Bucket(self._core)

    @property
    def metadata(self) -> Metadata:
        """Metadata of anything stored."""
        from ._catalog import Metadata

        return Metadata(self._core)

    @property
    def files(self) -> Files:
        """Files."""
        from ._files import Files

        return Files(self._core)

    @property
    def prompts(self) -> Prompts:
        """Stored prompts."""
        from ._stored import Prompts

        return Prompts(self._core)

    @property
    def conversations(self) -> Conversations:
        """Stored conversations."""
        from ._stored import Conversations

        return Conversations(self._core)

    @property
    def sharing(self) -> Sharing:
        """Giving others rights to resources."""
        from ._sharing import Sharing

        return Sharing(self._core)

    @property
    def invitations(self) -> Invitations:
        """Links by which rights are given."""
        from ._sharing import Invitations

        return Invitations(self._core)

    @property
    def resource_permissions(self) -> ResourcePermissions:
        """Rights for the time of a request."""
        from ._sharing import ResourcePermissions

        return ResourcePermissions(self._core)

    @property
    def publications(self) -> Publications:
        """Making resources public."""
        from ._sharing import Publications

        return Publications(self._core)

    @property
    def notifications(self) -> Notifications:
        """What happened to publications and shares."""
        from ._sharing import Notifications

        return Notifications(self._core)

    @property
    def resources(self) -> Resources:
        """Changes of resources, as they happen."""
        from ._sharing import Resources

        return Resources(self._core)

    @property
    def client_channel(self) -> ClientChannel:
        """Asking the user's client."""
        from ._client_channel import ClientChannel

        return ClientChannel(self._core)
