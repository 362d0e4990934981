"""All SQL of the crm-bridge. Every function works on the connection it is given and never commits."""
