"""Signing in by the OpenID provider of the house: asked, told, admitted, ended."""

from crm_gateway.identity.openid.asking import LASTS_SECONDS, Attempt, ask, finish
from crm_gateway.identity.openid.leaving import end_as_told

__all__ = ["LASTS_SECONDS", "Attempt", "ask", "end_as_told", "finish"]
