"""The page on which an administrator writes who we are. Hung up in `views.py`."""

from flask import flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.accounts import vendor
from crm.accounts.forms import VendorForm
from crm.rules.access import Permission
from crm.web.access import requires
from crm.web.forms import page


@requires(Permission.EDIT_LISTS)
def edit() -> AnyResponse:
    """Our name and how we are reached: on price sheets and in letters that ask for documents."""
    found = vendor.row()
    form = VendorForm(obj=found)
    if not form.is_submitted():
        form.version.data = str(found.version if found is not None else 0)

    def save() -> None:
        form.check_version(found)
        vendor.save(found, form.facts)

    if form.carried_out(save):
        flash(_("Saved. It stands on the sheets and letters that are made from now on."), "message")
        return redirect(url_for("accounts.vendor"), 303)
    return page("accounts/vendor.html", form=form)
