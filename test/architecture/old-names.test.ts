import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Names that this field does not use, or that had two meanings. Each was replaced by one that it does. */
const OLD_NAMES = [
  'Gathering',
  'isOfOne',
  'firstPortion',
  'Alarm',
  'LastingClient',
  'RelayConnection',
  'ChannelListener',
  'Told',
  'Tellings?',
  'tellings?',
  'Parcels?',
  'parcels?',
  'Carriers?',
  'carriers?',
  'Settlement',
  'wantedStill',
  'PushDepartedHandler',
  'Barriers',
  'barriers?',
  'Reach',
  'refusalOf',
  'Announcer',
  'Announcing\\w*',
  'Span',
  'Receipts',
  'asOrganization',
  'gather(?:s|ed|ings?)?',
  // Not "settled", which is a column.
  'settle(?!d\\b)\\w*',
  'settling',
  'withHand',
  'hands',
  'JobHands',
  'mostOfGroup',
  'Keeper',
  'Handles(?=\\()',
  'HandlesTogether',
  'tell(?=\\()',
  'tellOfSome',
  'findTold',
  'Departures',
  'drafting',
  'Room',
  '(?:class|interface|type|const|function) (?:Reading|tell)',
  '(?:MOST|LONGEST)_\\w+',
];

const ROOT = new URL('../../', import.meta.url).pathname;

const sources = ['apps', 'libs'].flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(folder, file)),
);

it('no old name is left in the code', () => {
  const old = new RegExp(`\\b(?:${OLD_NAMES.join('|')})\\b`, 'g');
  const found = sources.flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(old)].map(([name]) => `${file}: ${name}`),
  );
  expect(found).toEqual([]);
});

it('no type is called an answer', () => {
  const found = sources.filter((file) =>
    /\b(?:class|interface|type) \w*Answer\b/.test(readFileSync(join(ROOT, file), 'utf8')),
  );
  expect(found).toEqual([]);
});

it('files of SQL are called queries', () => {
  expect(sources.filter((file) => file.endsWith('.repository.ts'))).toEqual([]);
});
