import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Public, TokenVerifier } from '#access';
import { Memberships, isId } from '#identity';
import { invalidField } from '#problem';
import { DEMO_ORGANIZATION, DEMO_PEOPLE } from '../demo/people.js';
import { CheckedTextField, TextField } from '../http/fields.js';

class TokenRequest {
  @TextField({ description: 'The username to sign in as.', maxLength: 64, example: DEMO_PEOPLE.ada.username })
  username!: string;

  @CheckedTextField(
    {
      description: 'The organization. Default: the demo organization.',
      maxLength: 36,
      example: DEMO_ORGANIZATION.id,
      optional: true,
    },
    'a UUID',
    isId,
  )
  organization_id?: string;
}

class TokenResponse {
  @ApiProperty({
    description: 'The token for Authorization: Bearer. It is valid for one day.',
    example: 'eyJhbGciOiJIUzI1NiJ9…',
  })
  access_token!: string;
}

/** Only with AUTH_MODE=dev, which production refuses. */
@ApiTags('Development')
@Controller('dev')
export class TokenController {
  constructor(
    private readonly memberships: Memberships,
    private readonly tokens: TokenVerifier,
  ) {}

  @Post('token')
  @HttpCode(200)
  @Public()
  @ApiOperation({
    operationId: 'createToken',
    summary: 'Create a token',
    description:
      'Signs in as any member, without a password. The route exists only with AUTH_MODE=dev. A username without a member returns 400 `validation_failed`.',
  })
  @ApiOkResponse({ type: TokenResponse })
  async create(@Body() { username, organization_id }: TokenRequest): Promise<TokenResponse> {
    const organizationId = organization_id?.toLowerCase() ?? DEMO_ORGANIZATION.id;
    const membership = await this.memberships.find(organizationId, username);
    if (!membership) throw invalidField('username', `must be a member; there is no "${username}"`);
    return { access_token: await this.tokens.sign({ userId: membership.userId, organizationId }, '1 day') };
  }
}
