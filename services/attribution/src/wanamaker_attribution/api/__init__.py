"""The routes: parse, call, respond. One file for each resource; everything shared is in access, answers, bodies and cursors."""
