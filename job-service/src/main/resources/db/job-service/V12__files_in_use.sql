-- Which firmware a file is of, for the gateways' clean-up.
create index firmware_by_file on firmware ((spec -> 'file' ->> 'key')) where deleted_at is null;
