"""Every form by its kind. A file holds the forms of one part of the pathway."""

from core.forms import case, destroying, outcome, raising, taking_part
from core.forms.form import FormKind

FORMS: dict[str, FormKind] = {
    **raising.FORMS,
    **case.FORMS,
    **taking_part.FORMS,
    **outcome.FORMS,
    **destroying.FORMS,
}
