import type { OpenAPIObject } from '@nestjs/swagger';
import { METHODS, type PathItem } from './document-types.js';

/** Sorts paths by the order of the tags, then by name, and the methods of each path: GET before PUT before DELETE. */
export function orderOperations(document: OpenAPIObject): void {
  const tags = (document.tags ?? []).map(({ name }) => name);
  const placeOf = (item: PathItem): number =>
    Math.min(...METHODS.flatMap((method) => (item[method]?.tags ?? []).map((tag) => tags.indexOf(tag))));
  document.paths = Object.fromEntries(
    Object.entries(document.paths)
      .map(([path, item]) => [path, orderMethods(item), placeOf(item)] as const)
      .toSorted(([one, , place], [other, , otherPlace]) => place - otherPlace || (one < other ? -1 : 1))
      .map(([path, item]) => [path, item]),
  );
}

function orderMethods(item: PathItem): PathItem {
  const methods = METHODS.filter((method) => item[method]).map((method) => [method, item[method]] as const);
  return { ...Object.fromEntries(methods), ...omit(item, METHODS) };
}

const omit = (item: PathItem, names: readonly string[]): PathItem =>
  Object.fromEntries(Object.entries(item).filter(([name]) => !names.includes(name)));
