import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import { UnsubscribeKeysService } from '#email';
import type { Caller } from '#identity';
import { optionalTime, presentOptionalTime, presentTime, time } from '../http/responses.js';
import { BooleanField } from '../http/fields.js';

class RotateUnsubscribeKeysRequest {
  @BooleanField({
    description: 'true makes the links in all earlier mails invalid at once.',
    example: false,
    optional: true,
  })
  revoke_previous?: boolean;
}

class UnsubscribeRotationResponse {
  @ApiProperty(time) rotated_at!: string;

  @ApiProperty({
    ...optionalTime,
    description: 'Until when the links in earlier mails are valid, or null if they were revoked.',
  })
  previous_until!: string | null;
}

@ApiTags('Administration')
@Controller('admin/unsubscribe-keys')
export class UnsubscribeKeysController {
  constructor(private readonly keys: UnsubscribeKeysService) {}

  @Post('rotate')
  @HttpCode(200)
  @Allow('keys:manage')
  @ApiOperation({
    operationId: 'rotateUnsubscribeKey',
    summary: 'Rotate the unsubscribe key',
    description:
      'Signs the links of new mails with a new key. Links in earlier mails work for 60 more days, unless `revoke_previous` is set. Returns 409 `conflict` while ten earlier keys are valid.',
  })
  @ApiOkResponse({ type: UnsubscribeRotationResponse })
  async rotate(
    @CurrentCaller() caller: Caller,
    @Body() { revoke_previous = false }: RotateUnsubscribeKeysRequest,
  ): Promise<UnsubscribeRotationResponse> {
    const { rotated_at, previous_until } = await this.keys.rotate(caller, {
      revokesPrevious: revoke_previous,
    });
    return { rotated_at: presentTime(rotated_at), previous_until: presentOptionalTime(previous_until) };
  }
}
