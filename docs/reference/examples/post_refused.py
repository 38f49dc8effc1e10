"""Show strangers how a post for members goes on."""

from markupsafe import Markup

from blog import PostRow, SignIn, gettext, hookimpl, identity


@hookimpl
def post_refused(post: PostRow) -> PostRow | SignIn:
    """Name the way in below the title; without one ask the site to say how."""
    way = identity.way_in(post.path)
    if identity.current().id or not way.path:
        return SignIn()
    link = Markup('<p><a href="{}" rel="nofollow">{}</a></p>').format(way.path, gettext("Log in"))
    return post._replace(html=link)
