import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Allow, By } from '#access';
import { UnsubscribeKeys } from '#delivery';
import type { Caller } from '#identity';
import { optionalTime, presentOptionalTime, presentTime, time } from '../http/answers.js';
import { BooleanField } from '../http/fields.js';

class RotateUnsubscribeKeysRequest {
  @BooleanField({
    description: 'true refuses the links of all mails that were sent before, at once.',
    example: false,
    optional: true,
  })
  revoke_previous?: boolean;
}

class UnsubscribeRotationAnswer {
  @ApiProperty(time) rotated_at!: string;

  @ApiProperty({
    ...optionalTime,
    description:
      'Until when the links of mails that were sent before stay good; null where they were revoked.',
  })
  previous_until!: string | null;
}

@ApiTags('Administration')
@Controller('admin/unsubscribe-keys')
export class UnsubscribeKeysController {
  constructor(private readonly keys: UnsubscribeKeys) {}

  @Post('rotate')
  @HttpCode(200)
  @Allow('keys:manage')
  @ApiOperation({
    summary: 'Rotate the key of unsubscribe links',
    description:
      'New mails are signed with a new key. The links of mails that were sent before stay good for 60 days, unless revoke_previous is set. 409 while the links of ten keys from before are good.',
  })
  @ApiOkResponse({ type: UnsubscribeRotationAnswer })
  async rotate(
    @By() caller: Caller,
    @Body() { revoke_previous = false }: RotateUnsubscribeKeysRequest,
  ): Promise<UnsubscribeRotationAnswer> {
    const { rotated_at, previous_until } = await this.keys.rotate(caller, {
      revokesPrevious: revoke_previous,
    });
    return { rotated_at: presentTime(rotated_at), previous_until: presentOptionalTime(previous_until) };
  }
}
