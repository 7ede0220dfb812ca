import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Allow, By } from '#access';
import { Deliveries } from '#delivery';
import { type Caller, isId } from '#identity';
import { decodeCursor, page } from '../http/list.js';
import { ApiIdParam, IdParam } from '../http/params.js';
import {
  DELIVERY_EXAMPLE,
  DeliveryAnswer,
  DeliveryListAnswer,
  presentDelivery,
} from './deliveries.presenters.js';
import { ListDeliveriesRequest } from './deliveries.requests.js';

@ApiTags('Administration')
@Controller('admin/deliveries')
export class DeliveriesController {
  constructor(private readonly deliveries: Deliveries) {}

  @Get()
  @Allow('deliveries:manage')
  @ApiOperation({
    summary: 'See what was sent by e-mail, web push and webhook',
    description: 'One for each notification, channel and address, with what has become of it.',
  })
  @ApiOkResponse({ type: DeliveryListAnswer })
  async list(
    @By() caller: Caller,
    @Query() { limit, cursor, ...filter }: ListDeliveriesRequest,
  ): Promise<DeliveryListAnswer> {
    const list = { ...filter, limit: limit + 1, before: decodeCursor(cursor, isId) };
    return page(await this.deliveries.list(caller, list), limit, presentDelivery, ({ id }) => id);
  }

  @Post(':id/retry')
  @HttpCode(200)
  @Allow('deliveries:manage')
  @ApiOperation({
    summary: 'Have a delivery tried again',
    description:
      'At once, and with all its attempts. 409 for one that was sent, that the person no longer wants, or that is being sent right now. Its id stays, so a receiver that got it after all recognizes it.',
  })
  @ApiIdParam('id', 'As the list shows it.', DELIVERY_EXAMPLE)
  @ApiOkResponse({ type: DeliveryAnswer })
  async retry(@By() caller: Caller, @IdParam('id') id: string): Promise<DeliveryAnswer> {
    return presentDelivery(await this.deliveries.retry(caller, id));
  }
}
