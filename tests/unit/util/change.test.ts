import { expect, test } from 'vitest';
import { Change } from '../../../src/util/change.ts';

test('a value is new when its content differs from the value before', () => {
  const change = new Change();
  const values = [{ height: 1 }, { height: 1 }, { height: 2 }, { height: 1 }, null, null];
  expect(values.map((value) => change.isNew(value))).toEqual([true, false, true, true, true, false]);
});
