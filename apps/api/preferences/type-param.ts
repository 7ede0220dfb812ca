import { Param, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { TYPE_NAME } from '#preferences';
import { notFound } from '#problem';

const typePipe: PipeTransform<string, string> = {
  transform: (value) => {
    if (!TYPE_NAME.test(value)) throw notFound();
    return value;
  },
};

/** A name that no type can have does not exist. */
export const TypeParam = (): ParameterDecorator => Param('type', typePipe);

export const ApiTypeParam = (example: string): MethodDecorator =>
  ApiParam({
    name: 'type',
    description: 'The name of the type: at most 50 upper-case letters, digits and _, starting with a letter.',
    schema: { type: 'string', pattern: TYPE_NAME.source, example },
  });
