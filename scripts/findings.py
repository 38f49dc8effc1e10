"""Tell what each finding of the check of a plugin means, and the mend."""

from collections.abc import Mapping

CODES: Mapping[str, tuple[str, str]] = {
    # The manifest
    "manifest-missing": (
        "There is no manifest, or the block that holds it has no end.",
        "Write `plugin.toml` in the folder, or the block `# /// plugin` … `# ///` in the file.",
    ),
    "manifest-malformed": (
        "The manifest is no TOML, lacks a key, or has a value of the wrong type.",
        "Write it as the page about the manifest shows.",
    ),
    "manifest-key": (
        "The manifest has a key that nobody reads.",
        "Write the key that was meant, or remove it.",
    ),
    "bad-name": (
        "The name of the file or folder cannot be a plugin's.",
        "Use small letters and digits, and no name that the core keeps for itself.",
    ),
    "bad-version": ("The version is none.", "Write it like `1.0`."),
    "bad-api": ("The number of the API is none.", "Write `api = 1`."),
    "api-too-new": ("It needs a newer Palabre.", "Upgrade Palabre."),
    "api-too-old": ("It was written for an API that is supported no more.", "Upgrade the plugin."),
    "file-stays": (
        "It declares files outside of the folders that bear its name, so they stay when it is"
        " removed. Folders below `media` that hold the pictures of posts may do so.",
        "Keep them below `NAME/` or `media/NAME/`.",
    ),
    # Beside other plugins
    "duplicate-name": (
        "Another plugin of the site has the same name.",
        "Rename or remove one of the two.",
    ),
    "requirement-missing": ("A plugin that it requires is not on.", "Turn that plugin on first."),
    "requirement-version": (
        "A plugin that it requires is there in another version.",
        "Upgrade that plugin.",
    ),
    "conflict": ("It cannot be on together with a plugin that is on.", "Disable one of the two."),
    "cycle": (
        "Plugins ask to come before one another in a circle.",
        "Remove `before` or `after` from one of them.",
    ),
    "route-taken": (
        "Another answers the same address: the core, or a plugin that is on.",
        "Choose another address.",
    ),
    "command-taken": (
        "It adds a command where the core has one, so its own would never run.",
        "Give it another name.",
    ),
    "reach-undeclared": (
        "It has a table, an address, a secret or a job that its manifest does not name.",
        "Add it under `[reach]`, where its owner reads it before turning the plugin on.",
    ),
    # Hooks
    "hook-unknown": (
        "It implements or calls a hook that nobody declares, so it would never run.",
        "Write the name of a hook that exists; add `optionalhook=True` where the plugin that"
        " declares it may be off.",
    ),
    "hook-argument": (
        "An implementation asks for an argument that the hook does not have.",
        "Take only arguments that the hook has, by their names.",
    ),
    "hook-default": (
        "An argument of an implementation has a default, so it would never be filled.",
        "Remove the default.",
    ),
    "hook-kind": (
        "What is marked as an implementation is no plain function of the plugin's main module:"
        " a class, a method, a lambda, a generator, a function elsewhere or one that another"
        " decorator has replaced. Nobody would call it.",
        "Write a plain function in `__init__.py` that returns its answer.",
    ),
    "hook-wrapper": (
        "An implementation is a wrapper, as other systems with pluggy have them.",
        "Write a plain function: the kind of the hook says how answers are put together.",
    ),
    "hook-async": ("An implementation is asynchronous.", "Write it as a plain function."),
    "hook-called": (
        "The plugin calls a hook that only its owner calls, or asks pluggy itself: others would"
        " judge, record or hear of what did not happen.",
        "Call a service of the core, such as `comments.submit`, which tells the hooks.",
    ),
    "hook-answer": (
        "A hook was answered with another type than its declaration says; found when it runs.",
        "Return what the declaration names, or `None`.",
    ),
    "hook-taken": ("The plugin declares a hook that the core or another plugin has.", "Rename it."),
    "slot-unknown": (
        "It fills or shows a slot that does not exist.",
        "Write the name of a slot that exists.",
    ),
    # Data
    "table-prefix": (
        "A table does not begin with the plugin's name.",
        "Call it `NAME_…`, in the migration too.",
    ),
    "foreign-key": (
        'A foreign key to a table of the core has no `ondelete="CASCADE"`: a post or comment'
        " could not be deleted any more.",
        'Add `ondelete="CASCADE"`, in the model and in the migration.',
    ),
    "model-without-migration": (
        "A table is in `models.py`, but no migration makes it.",
        "Write a migration that creates it; a plugin with tables is a folder.",
    ),
    "setting-default": (
        "A setting has no default, so a new site would have no value for it.",
        "Give the field a `default`.",
    ),
    "setting-secret": (
        "A secret is kept in an ordinary field, which shows it to whoever opens the page.",
        "Make it a `SecretField`.",
    ),
    # Templates and text
    "template-unknown": (
        "A template would override one that does not exist, so it would never be shown.",
        "Give it the name of the template that was meant, or put it into `templates/NAME/`.",
    ),
    "template-encoding": (
        "A template is not in UTF-8, so it cannot be shown.",
        "Save it as UTF-8.",
    ),
    "text-unmarked": (
        "People read a text that is not marked for translation.",
        'Write `_("…")` around it.',
    ),
    # Code
    "import-private": (
        "It imports what is no public name of Palabre: it may change in any release, or is not"
        " there at all.",
        "Import from `blog` what the page about public names lists.",
    ),
    "import-plugin": (
        "It imports another plugin, which may be off or change.",
        "Declare a hook that the other implements, or implement one of its hooks.",
    ),
    "syntax-error": ("A file is no Python.", "Mend the line."),
    "import-error": ("It cannot be imported.", "Mend the line that is named."),
    "import-effect": (
        "It uses the database, the network or another program while it is imported.",
        "Do it in a hook, a command or a job.",
    ),
    "import-hangs": ("Its import does not end in time.", "Do long work in a job, never at import."),
    "import-exits": (
        "Its import ends the process.",
        "Raise an error in the function that is called instead.",
    ),
    "name-hidden": (
        "A function has the name of something that its module imports, which is then out of reach:"
        " the hook `jobs` hides `blog.jobs`.",
        "Import it under another name: `from blog import jobs as outbox`.",
    ),
    "loop-over-items": (
        "A hook asks the database once for each post or comment, though it is given them all.",
        "Ask once for all of them: `where(Model.comment_id.in_(ids))`.",
    ),
    "deprecated": ("It uses a hook that will be removed.", "Use what is named instead."),
    "not-in-version": (
        "It uses a hook that the version asked for does not have yet, or not any more.",
        "Do without it, or ask for another version.",
    ),
}
