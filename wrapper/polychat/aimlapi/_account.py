"""The account, for management keys: ``client.keys``, ``client.billing``, ``client.usage``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Unpack, cast

from ._resource import AsyncResource, Resource

if TYPE_CHECKING:
    from polychat._core.options import CallOptions
    from polychat_rest.aimlapi.models import (
        BillingBalanceResponse,
        BillingDetailResponse,
        BillingResponse,
        BillingTransactionsResponse,
        CreateKeysResponse,
        DeleteKeyResponse,
        GetKeysResponse,
        LatestKeyResponse,
        LogsResponse,
        ReplaceKeyResponse,
        UpdateKeyResponse,
        UsageDetailResponse,
        UsageResponse,
    )
    from polychat_rest.aimlapi.params import (
        CreateKeysRequestParam,
        ReplaceKeyRequestParam,
        UpdateKeyRequestParam,
    )

    from ._queries import LogsQuery, TransactionsQuery, UsageDetailQuery, UsageQuery

    class CreateKeyParams(CreateKeysRequestParam, CallOptions):
        """All fields of the request, and the options of a call."""

    class UpdateKeyParams(UpdateKeyRequestParam, CallOptions):
        """All fields of the request, and the options of a call."""

    class ReplaceKeyParams(ReplaceKeyRequestParam, CallOptions):
        """All fields of the request, and the options of a call."""


class Keys(Resource):
    """``client.keys``; needs a management key."""

    def list(self, **params: Unpack[CallOptions]) -> GetKeysResponse:
        """All keys, by their prefixes: ``GET /v1/keys``."""
        return cast("GetKeysResponse", self._plain("keys.get_keys", cast("dict[str, Any]", params)))

    def current(self, **params: Unpack[CallOptions]) -> LatestKeyResponse:
        """The key that is used: ``GET /v1/key``."""
        return cast(
            "LatestKeyResponse", self._plain("keys.get_latest_key", cast("dict[str, Any]", params))
        )

    def create(self, **params: Unpack[CreateKeyParams]) -> CreateKeysResponse:
        """A new key, whose value is told this once: ``POST /v1/keys``."""
        return cast(
            "CreateKeysResponse", self._post("keys.create_keys", cast("dict[str, Any]", params))
        )

    def update(self, prefix: str, **params: Unpack[UpdateKeyParams]) -> UpdateKeyResponse:
        """Changes what is given: ``PATCH /v1/keys/{prefix}``."""
        return cast(
            "UpdateKeyResponse",
            self._post("keys.update_key", cast("dict[str, Any]", params), prefix),
        )

    def replace(self, prefix: str, **params: Unpack[ReplaceKeyParams]) -> ReplaceKeyResponse:
        """Sets all settings of a key: ``PUT /v1/keys/{prefix}``."""
        return cast(
            "ReplaceKeyResponse",
            self._post("keys.replace_key", cast("dict[str, Any]", params), prefix),
        )

    def delete(self, prefix: str, **params: Unpack[CallOptions]) -> DeleteKeyResponse:
        """Ends a key: ``DELETE /v1/keys/{prefix}``."""
        return cast(
            "DeleteKeyResponse",
            self._plain("keys.delete_key", cast("dict[str, Any]", params), prefix),
        )


class Billing(Resource):
    """``client.billing``."""

    def balance(self, **params: Unpack[CallOptions]) -> BillingBalanceResponse:
        """Credits that are left: ``GET /v1/billing/balance``."""
        return cast(
            "BillingBalanceResponse",
            self._plain("billing.get_balance", cast("dict[str, Any]", params)),
        )

    def get(self, **params: Unpack[CallOptions]) -> BillingResponse:
        """Money that is left: ``GET /v2/billing``."""
        return cast(
            "BillingResponse", self._plain("billing.get_billing", cast("dict[str, Any]", params))
        )

    def detail(self, **params: Unpack[CallOptions]) -> BillingDetailResponse:
        """With the settings of the top-up: ``GET /v2/billing/detail``."""
        return cast(
            "BillingDetailResponse",
            self._plain("billing.get_billing_detail", cast("dict[str, Any]", params)),
        )

    def transactions(self, **params: Unpack[TransactionsQuery]) -> BillingTransactionsResponse:
        """One page of what was paid and charged: ``GET /v2/billing/transactions``."""
        return cast(
            "BillingTransactionsResponse",
            self._plain("billing.list_transactions", cast("dict[str, Any]", params)),
        )


class Usage(Resource):
    """``client.usage``."""

    def get(self, **params: Unpack[UsageQuery]) -> UsageResponse:
        """What was spent: ``GET /v2/usage``."""
        return cast("UsageResponse", self._plain("usage.get_usage", cast("dict[str, Any]", params)))

    def detail(self, **params: Unpack[UsageDetailQuery]) -> UsageDetailResponse:
        """By day and model: ``GET /v2/usage/detail``."""
        return cast(
            "UsageDetailResponse",
            self._plain("usage.get_usage_detail", cast("dict[str, Any]", params)),
        )

    def logs(self, **params: Unpack[LogsQuery]) -> LogsResponse:
        """One page of requests, newest first: ``GET /v2/logs``."""
        return cast("LogsResponse", self._plain("usage.list_logs", cast("dict[str, Any]", params)))


class AsyncKeys(AsyncResource):
    """``client.keys``; needs a management key of the async client."""

    async def list(self, **params: Unpack[CallOptions]) -> GetKeysResponse:
        """`Keys.list`, asynchronously."""
        return cast(
            "GetKeysResponse", await self._plain("keys.get_keys", cast("dict[str, Any]", params))
        )

    async def current(self, **params: Unpack[CallOptions]) -> LatestKeyResponse:
        """`Keys.current`, asynchronously."""
        return cast(
            "LatestKeyResponse",
            await self._plain("keys.get_latest_key", cast("dict[str, Any]", params)),
        )

    async def create(self, **params: Unpack[CreateKeyParams]) -> CreateKeysResponse:
        """`Keys.create`, asynchronously."""
        return cast(
            "CreateKeysResponse",
            await self._post("keys.create_keys", cast("dict[str, Any]", params)),
        )

    async def update(self, prefix: str, **params: Unpack[UpdateKeyParams]) -> UpdateKeyResponse:
        """`Keys.update`, asynchronously."""
        return cast(
            "UpdateKeyResponse",
            await self._post("keys.update_key", cast("dict[str, Any]", params), prefix),
        )

    async def replace(self, prefix: str, **params: Unpack[ReplaceKeyParams]) -> ReplaceKeyResponse:
        """`Keys.replace`, asynchronously."""
        return cast(
            "ReplaceKeyResponse",
            await self._post("keys.replace_key", cast("dict[str, Any]", params), prefix),
        )

    async def delete(self, prefix: str, **params: Unpack[CallOptions]) -> DeleteKeyResponse:
        """`Keys.delete`, asynchronously."""
        return cast(
            "DeleteKeyResponse",
            await self._plain("keys.delete_key", cast("dict[str, Any]", params), prefix),
        )


class AsyncBilling(AsyncResource):
    """``client.billing`` of the async client."""

    async def balance(self, **params: Unpack[CallOptions]) -> BillingBalanceResponse:
        """`Billing.balance`, asynchronously."""
        return cast(
            "BillingBalanceResponse",
            await self._plain("billing.get_balance", cast("dict[str, Any]", params)),
        )

    async def get(self, **params: Unpack[CallOptions]) -> BillingResponse:
        """`Billing.get`, asynchronously."""
        return cast(
            "BillingResponse",
            await self._plain("billing.get_billing", cast("dict[str, Any]", params)),
        )

    async def detail(self, **params: Unpack[CallOptions]) -> BillingDetailResponse:
        """`Billing.detail`, asynchronously."""
        return cast(
            "BillingDetailResponse",
            await self._plain("billing.get_billing_detail", cast("dict[str, Any]", params)),
        )

    async def transactions(
        self, **params: Unpack[TransactionsQuery]
    ) -> BillingTransactionsResponse:
        """`Billing.transactions`, asynchronously."""
        return cast(
            "BillingTransactionsResponse",
            await self._plain("billing.list_transactions", cast("dict[str, Any]", params)),
        )


class AsyncUsage(AsyncResource):
    """``client.usage`` of the async client."""

    async def get(self, **params: Unpack[UsageQuery]) -> UsageResponse:
        """`Usage.get`, asynchronously."""
        return cast(
            "UsageResponse", await self._plain("usage.get_usage", cast("dict[str, Any]", params))
        )

    async def detail(self, **params: Unpack[UsageDetailQuery]) -> UsageDetailResponse:
        """`Usage.detail`, asynchronously."""
        return cast(
            "UsageDetailResponse",
            await self._plain("usage.get_usage_detail", cast("dict[str, Any]", params)),
        )

    async def logs(self, **params: Unpack[LogsQuery]) -> LogsResponse:
        """`Usage.logs`, asynchronously."""
        return cast(
            "LogsResponse", await self._plain("usage.list_logs", cast("dict[str, Any]", params))
        )
