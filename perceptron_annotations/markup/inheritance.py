"""The rules of inheritance, all of them: what an element takes from the containers around it.

=====================  ===================  =================  ===================================
target                 mention              t                  asset_idx
=====================  ===================  =================  ===================================
leaf in a collection   own ?? collection    own ?? collection  own ?? collection
clip in a collection   own ?? collection    (has none)         own ?? collection
track in a collection  own ?? collection    (has none)         own ?? its waypoints' ?? collection
waypoint               the track's, always  own                own ?? track
=====================  ===================  =================  ===================================

A container in a place where none is allowed takes what it lacks from the container around it, by the same rules.
"""

from __future__ import annotations

from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from ..geometry import Annotation, Clip, Collection, Shape, Track, with_asset


class Context(Struct, frozen=True, gc=False):
    """The attributes of a tag, or those that a container gives to what it holds: each None if not given."""

    mention: str | None = None
    t: float | None = None
    asset_idx: int | None = None


NO_CONTEXT = Context()

T = TypeVar("T")
C = TypeVar("C", Track, Collection)


def first(own: T | None, inherited: T | None) -> T | None:
    """``own ?? inherited``; 0 is a real value."""
    return inherited if own is None else own


def inside(tag: str, own: Context, outer: Context) -> Context:
    """What a container with the attributes ``own`` gives to what it holds, if ``outer`` is given to it."""
    if outer is NO_CONTEXT:
        return own
    t = None if tag == "track" else first(own.t, outer.t)
    return Context(first(own.mention, outer.mention), t, first(own.asset_idx, outer.asset_idx))


def as_member(value: Annotation, context: Context) -> Annotation:
    """A leaf or clip with what it takes from a collection."""
    mention, asset_idx = context.mention, context.asset_idx
    if value.mention is not None:
        mention = value.mention
    if value.asset_idx is not None:
        asset_idx = value.asset_idx
    if context.t is None or isinstance(value, Clip) or value.t is not None:
        return replace(value, mention=mention, asset_idx=asset_idx)
    return replace(value, mention=mention, t=context.t, asset_idx=asset_idx)


def as_waypoint(value: Shape, context: Context) -> Shape:
    """A leaf with what it takes from a track; the asset that the other waypoints share comes when the track closes."""
    asset_idx = context.asset_idx if value.asset_idx is None else value.asset_idx
    return replace(value, mention=context.mention, asset_idx=asset_idx)


def as_contained(value: C, context: Context) -> C:
    """A track or collection with what the containers around it give; ``context`` is :func:`inside` of its own tag."""
    if isinstance(value, Collection):
        children = with_asset(value.children, context.asset_idx)
        return replace(value, children=children, mention=context.mention, t=context.t, asset_idx=context.asset_idx)
    waypoints = with_asset(value.waypoints, context.asset_idx)
    return replace(value, waypoints=waypoints, mention=context.mention, asset_idx=context.asset_idx)
