import { Param, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { isId } from '#identity';
import { notFound } from '#problem';

const idPipe: PipeTransform<string, string> = {
  transform: (value) => {
    if (!isId(value)) throw notFound();
    return value.toLowerCase();
  },
};

/** An id in the path. If it is not a UUID, nothing with it exists. */
export const IdParam = (name: string): ParameterDecorator => Param(name, idPipe);

export const ApiIdParam = (name: string, description: string, example: string): MethodDecorator =>
  ApiParam({ name, description, schema: { type: 'string', format: 'uuid', example } });

/** Documents a person in the path. */
export const ApiPersonParam = (example: string): MethodDecorator =>
  ApiParam({ name: 'person', description: 'The person, by id or username.', example });
