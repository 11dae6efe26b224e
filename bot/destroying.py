"""Where the words of an entry stand beside the record itself: all of it goes in one transaction."""

from __future__ import annotations

from core.destroying import shares_wording, typed
from storage import event_store, remembered
from storage.database import Transaction

IN_A_ROW = 4
"""So many words in a row make a draft a copy, as a proposal does that began from the one before."""


def destroy_words(transaction: Transaction, stream: str, entry: int) -> bytes:
    """The entry's body, and drafts that repeat it. Messages, notices and remembered answers hold no words.

    Returns the body, still sealed, to be taken out of the database's files too.
    """
    words = typed(event_store.events(transaction, stream, after=entry - 1)[0].event)
    body = event_store.destroy(transaction, stream, entry)
    remembered.forget_drafts_with(
        transaction,
        lambda kept: any(kept.strip() == each or shares_wording(kept, each, IN_A_ROW) for each in words),
    )
    return body
