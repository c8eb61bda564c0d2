"""The roles and rights that Callbox needs in a database, as SQL that can be run again and again.

Two roles. The owner owns the tables and changes their shape; `callbox_app` is what web and worker
are, and row security holds for it: it is no superuser, cannot bypass row security, owns nothing.
`{owner}`, `{app}` and `{database}` are filled in as identifiers by `callbox.running.roles`.
"""

EXTENSIONS = ("btree_gin", "pg_trgm", "unaccent")

ROLE = "CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB"

DATABASE = "CREATE DATABASE {database} OWNER {owner}"

ON_DATABASE = """
REVOKE ALL ON DATABASE {database} FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {app};
ALTER SCHEMA public OWNER TO {owner};
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO {app};
GRANT {app} TO {owner};
"""

# For the message to whoever runs a server that does not let us make roles.
BY_HAND = """\
CREATE ROLE callbox_app NOLOGIN NOSUPERUSER NOBYPASSRLS;
GRANT callbox_app TO {owner};
GRANT CONNECT, TEMPORARY ON DATABASE {database} TO callbox_app;
GRANT USAGE ON SCHEMA public TO callbox_app;"""
