"""Hold the commands of the core, one module for each noun."""

from blog.commands.checking import check_
from blog.commands.comments import comments
from blog.commands.plugins import plugins
from blog.commands.posts import posts
from blog.commands.reloading import reload
from blog.commands.serving import run, serve, work
from blog.commands.site import doctor, init, migrate, version

plugins.add_command(reload)
plugins.add_command(check_)
COMMANDS = (init, run, serve, work, posts, comments, plugins, migrate, doctor, version)
