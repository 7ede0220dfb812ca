import { Param, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';
import { notFound } from '#problem';

const ROLE_NAME = /^[a-z][a-z0-9_-]{0,49}$/;
export const isRoleName = (text: string): boolean => ROLE_NAME.test(text);

const rolePipe: PipeTransform<string, string> = {
  transform: (value) => {
    if (!ROLE_NAME.test(value)) throw notFound();
    return value;
  },
};

/** A name that no role can have does not exist, like an id that is not a UUID. */
export const RoleParam = (): ParameterDecorator => Param('name', rolePipe);

export const ApiRoleParam = (example: string): MethodDecorator =>
  ApiParam({
    name: 'name',
    description:
      'The name of the role: at most 50 lower-case letters, digits, _ and -, starting with a letter.',
    schema: { type: 'string', pattern: ROLE_NAME.source, example },
  });
