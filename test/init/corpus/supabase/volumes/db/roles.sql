ALTER USER authenticator WITH PASSWORD 'x';
