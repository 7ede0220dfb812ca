import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, CurrentCaller } from '#access';
import { fetchPage } from '#database';
import { DeliveriesService } from '#delivery';
import { type Caller, isId } from '#identity';
import { decodeCursor, presentPage } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import {
  DELIVERY_EXAMPLE,
  DeliveryResponse,
  DeliveryListResponse,
  presentDelivery,
} from './deliveries.presenters.js';
import { ListDeliveriesRequest } from './deliveries.requests.js';

@ApiTags('Deliveries')
@Controller('admin/deliveries')
export class DeliveriesController {
  constructor(private readonly deliveries: DeliveriesService) {}

  @Get()
  @Allow('deliveries:manage')
  @ApiOperation({
    operationId: 'listDeliveries',
    summary: 'List deliveries',
    description:
      'Returns one delivery for each notification, channel and address, newest first, with its status.',
  })
  @ApiOkResponse({ type: DeliveryListResponse })
  async list(
    @CurrentCaller() caller: Caller,
    @Query() { limit, cursor, ...filter }: ListDeliveriesRequest,
  ): Promise<DeliveryListResponse> {
    const before = decodeCursor(cursor, isId);
    const page = await fetchPage({ ...filter, limit, before }, (list) => this.deliveries.list(caller, list));
    return presentPage(page, presentDelivery, ({ id }) => id);
  }

  @Post(':id/retry')
  @HttpCode(200)
  @Allow('deliveries:manage')
  @ApiOperation({
    operationId: 'retryDelivery',
    summary: 'Retry a delivery',
    description:
      'Starts again at once with all attempts. The id stays the same, so a receiver can recognize a repeated delivery. Returns 409 `conflict` for a delivery that was sent, that is being sent, or that the person no longer wants.',
  })
  @ApiIdParam('id', 'The id from the list.', DELIVERY_EXAMPLE)
  @ApiOkResponse({ type: DeliveryResponse })
  async retry(@CurrentCaller() caller: Caller, @IdParam('id') id: string): Promise<DeliveryResponse> {
    return presentDelivery(await this.deliveries.retry(caller, id));
  }
}
