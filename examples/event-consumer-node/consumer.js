// SPDX-License-Identifier: Apache-2.0
// Follows the events of a topic from its beginning: prints each one once, in order, as a line of JSON. See docs/EVENTS.md.
//
// What it has taken is in its own file, with the place where it stood. So position and data are written together, and a start
// goes on exactly where the data ends, whatever ended the process. With a database: one transaction for both.
//
// From the environment: BOOTSTRAP_SERVERS (127.0.0.1:9092), TOPIC (ota.firmware.events), FILE (one for each topic: its name
// and .jsonl), SCHEMAS (those of this repository) and UNTIL_END (false; true: ends when it has read what was there when it
// started). Exit status 1: an event is missing or not as its schema says.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { Kafka, logLevel } from 'kafkajs';

const {
  BOOTSTRAP_SERVERS = '127.0.0.1:9092',
  TOPIC = 'ota.firmware.events',
  FILE = `${TOPIC}.jsonl`,
  SCHEMAS = fileURLToPath(
    new URL('../../shared-contracts/src/main/resources/dev/otaverify/contracts/schemas', import.meta.url)),
  UNTIL_END = 'false',
} = process.env;

const lastNumbers = new Map();
const nextOffsets = new Map();
const validators = new Map();
const ajv = addFormats(new Ajv2020({ allErrors: true }));

function restore() {
  const text = existsSync(FILE) ? readFileSync(FILE, 'utf8') : '';
  // A line without an end was cut short by a crash: its event was not taken.
  const taken = text.slice(0, text.lastIndexOf('\n') + 1);
  writeFileSync(FILE, taken);
  for (const event of taken.split('\n').filter(Boolean).map((line) => JSON.parse(line))) {
    lastNumbers.set(`${event.source} ${event.subject}`, event.sequence);
    nextOffsets.set(event.partition, event.offset + 1);
  }
}

function validator(type) {
  if (!validators.has(type)) {
    const file = join(SCHEMAS, `${type}.json`);
    validators.set(type, existsSync(file) ? ajv.compile(JSON.parse(readFileSync(file, 'utf8'))) : null);
  }
  return validators.get(type);
}

function take(partition, message) {
  const place = `${TOPIC}-${partition}@${message.offset}`;
  const header = (name) => {
    if (message.headers[name] === undefined) {
      throw new Error(`${place}: ${name}: missing (expected: an attribute of CloudEvents)`);
    }
    return message.headers[name].toString();
  };
  const [source, subject, type] = ['ce_source', 'ce_subject', 'ce_type'].map(header);
  const sequence = Number(header('ce_sequence'));
  const last = lastNumbers.get(`${source} ${subject}`) ?? 0;
  if (sequence <= last) {
    return; // Published again.
  }
  if (sequence > last + 1) {
    throw new Error(`${place}: number ${sequence} of ${source} ${subject} (expected: ${last + 1}; an event is missing)`);
  }
  const event = {
    topic: TOPIC, partition, offset: Number(message.offset), key: message.key.toString(), id: header('ce_id'),
    source, subject, sequence, type, time: header('ce_time'),
  };
  const validate = validator(type);
  // A type of a later version: what it says is not for us, but its number counts.
  if (validate) {
    event.data = JSON.parse(message.value.toString());
    // The same of a value that an enum has got since; fields that were added since are valid as it is.
    const errors = validate(event.data) ? [] : validate.errors.filter((error) => error.keyword !== 'enum');
    if (errors.length > 0) {
      throw new Error(`${place}: ${ajv.errorsText(errors)} (expected: valid ${type})`);
    }
  }
  appendFileSync(FILE, `${JSON.stringify(event)}\n`);
  lastNumbers.set(`${source} ${subject}`, sequence);
  if (validate) {
    console.log(JSON.stringify(event));
  }
}

restore();
const kafka = new Kafka({ clientId: 'event-consumer-node', brokers: BOOTSTRAP_SERVERS.split(','), logLevel: logLevel.WARN });
const admin = kafka.admin();
await admin.connect();
const ends = await admin.fetchTopicOffsets(TOPIC);
await admin.disconnect();
const positions = new Map(ends.map(({ partition, low }) => [partition, nextOffsets.get(partition) ?? Number(low)]));
const isAtEnd = () => ends.every(({ partition, high }) => positions.get(partition) >= Number(high));

if (UNTIL_END === 'true' && isAtEnd()) {
  process.exit(0);
}
// kafkajs reads in groups only. One of our own each time has all partitions at once, and no position in Kafka.
const consumer = kafka.consumer({ groupId: `event-consumer-node-${randomUUID()}` });
await consumer.connect();
await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
await consumer.run({
  autoCommit: false,
  eachMessage: async ({ partition, message }) => {
    try {
      take(partition, message);
    } catch (stopped) {
      console.error(stopped.message);
      process.exit(1);
    }
    positions.set(partition, Number(message.offset) + 1);
    if (UNTIL_END === 'true' && isAtEnd()) {
      process.exit(0);
    }
  },
});
for (const [partition, offset] of nextOffsets) {
  consumer.seek({ topic: TOPIC, partition, offset: String(offset) });
}
