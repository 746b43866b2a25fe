"""A mail as it travels (RFC 5322, RFC 2045 to 2049): a text part, and the same words in one column of HTML. No image, nothing to track."""

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from urllib.parse import quote

from idp.journeys.mails import Mail

STYLE = "main { max-width: 36rem; margin: 0 auto; padding: 1rem; font: 1.125rem/1.55 Arial, sans-serif; overflow-wrap: anywhere }"
"""One column; whoever shows the page may allow this style alone, by its hash."""

_PAGE = """\
<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{subject}</title>
<style>{style}</style>
</head>
<body>
<main>
{paragraphs}
</main>
</body>
</html>
"""


def render_html(mail: Mail) -> str:
    """Return the HTML part: the paragraphs of the text, with links that can be followed and read in full."""
    return _PAGE.format(
        lang=escape(mail.html_lang),
        style=STYLE,
        subject=escape(mail.subject),
        paragraphs="\n".join(f"<p>{_with_links(one, mail.links)}</p>" for one in mail.paragraphs),
    )


def _with_links(paragraph: str, links: tuple[str, ...]) -> str:
    text = escape(paragraph)
    for link in map(escape, links):
        text = text.replace(link, f'<a href="{link}">{link}</a>')
    return text


def build_mime(mail: Mail, *, recipient: str, sender: str, sender_name: str, at: datetime, key: str) -> EmailMessage:
    """Return the mail with its headers.

    Args:
        mail: Its words.
        recipient: Whom it is for.
        sender: Address that it comes from.
        sender_name: Shown beside it.
        at: Its date.
        key: Names this mail and no other, in letters and digits: one that is sent twice has one Message-ID, and is shown once.

    Raises:
        ValueError: A header would hold a line end.
    """
    message = EmailMessage(policy=SMTP)
    local_part, _, domain = sender.rpartition("@")
    message["From"] = Address(sender_name, local_part, domain)
    message["To"] = recipient
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{quote(key)}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834 section 5: no « I am on holiday » comes back
    # Quoted-printable: a person who looks at the source reads it, and no line is longer than servers take.
    message.set_content(mail.text, cte="quoted-printable")
    message.add_alternative(render_html(mail), subtype="html", cte="quoted-printable")
    message["Content-Language"] = mail.html_lang  # last: whatever sets a content forgets the headers that begin so
    return message
