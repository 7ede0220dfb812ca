import { ApiProperty } from '@nestjs/swagger';
import type { Page } from '#database';
import type { Version } from '#messaging';
import { DEMO_MESSAGES } from '../demo/conversations.js';
import { presentTime, time } from '../http/responses.js';
import { ListResponse, decodeCursor, presentPage } from '../http/list.js';

export class VersionResponse {
  @ApiProperty({ type: 'integer', example: 1 }) version!: number;
  @ApiProperty({ example: DEMO_MESSAGES.edited.content }) content!: string;
  @ApiProperty({ ...time, description: 'When this version was written.' }) written_at!: string;
}

export class VersionListResponse extends ListResponse {
  @ApiProperty({ type: [VersionResponse], description: 'The earlier versions, oldest first.' })
  data!: VersionResponse[];
}

const presentVersion = ({ version, content, written_at }: Version): VersionResponse => ({
  version,
  content,
  written_at: presentTime(written_at),
});

/** The version in a cursor, or 0 for the first page. */
export const versionOf = (cursor: string | undefined): number =>
  Number(decodeCursor(cursor, (text) => /^[1-9]\d{0,8}$/.test(text)) ?? 0);

export const presentVersions = (page: Page<Version>): VersionListResponse =>
  presentPage(page, presentVersion, ({ version }) => String(version));
