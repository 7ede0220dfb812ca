import { ApiProperty } from '@nestjs/swagger';
import type { Deletion } from '#identity';
import { DEMO_NEWCOMER } from '../demo/people.js';
import { optionalTime, presentOptionalTime, presentTime, time } from '../http/responses.js';

export class DeletionResponse {
  @ApiProperty({ format: 'uuid', example: DEMO_NEWCOMER.id }) id!: string;
  @ApiProperty({ enum: ['deleting', 'deleted'], example: 'deleting' }) status!: 'deleting' | 'deleted';
  @ApiProperty(time) requested_at!: string;
  @ApiProperty({ ...optionalTime, description: 'When the deletion finished.' })
  finished_at!: string | null;
  @ApiProperty({
    type: 'integer',
    description: 'The number of organizations in which the deletion has not finished.',
    example: 1,
  })
  organizations_left!: number;
  @ApiProperty({
    type: 'integer',
    description: 'The number of rows deleted or changed so far.',
    example: 12_000,
  })
  rows_erased!: number;
}

export const presentDeletion = (deletion: Deletion): DeletionResponse => ({
  id: deletion.user_id,
  status: deletion.finished_at ? 'deleted' : 'deleting',
  requested_at: presentTime(deletion.requested_at),
  finished_at: presentOptionalTime(deletion.finished_at),
  organizations_left: deletion.organizations_left,
  rows_erased: deletion.rows_erased,
});
