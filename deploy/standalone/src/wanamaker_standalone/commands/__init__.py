"""The subcommands of `wanamaker`, one file each."""
