-- Where this service is in each partition it works through, and what it still has to publish.
create table consumer_position (
  topic           text   not null,
  partition       int    not null,
  -- The topic and its partition count as they were met first: another topic under the same name is refused.
  topic_id        text   not null,
  partition_count int    not null,
  -- Raised by each claim: a former owner's transaction no longer finds its epoch.
  epoch           bigint not null,
  -- The offset of the next record to decide on.
  position        bigint not null,
  -- The output of the last unit, to be published again after a crash.
  pending         bytea,
  primary key (topic, partition)
) with (fillfactor = 50);
