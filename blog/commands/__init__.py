"""Hold the commands of the core, one module for each noun."""

from blog.commands.checking import check_
from blog.commands.comments import comments
from blog.commands.costs import attention_, cost
from blog.commands.order import order_
from blog.commands.plugins import plugins
from blog.commands.posts import posts
from blog.commands.reloading import reload
from blog.commands.removal import export, restore, uninstall
from blog.commands.serving import run, serve, work
from blog.commands.site import doctor, init, migrate, version

for command in (reload, order_, uninstall, export, restore):
    plugins.add_command(command)
plugins.add_command(check_)
for command in (cost, attention_):
    plugins.add_command(command)
COMMANDS = (init, run, serve, work, posts, comments, plugins, migrate, doctor, version)
