import { own } from '#values/own.ts';

/**
 * On-demand Linux prices in US dollars without tax, November 2025 (aws.amazon.com/ec2/pricing/on-demand). For
 * information only: a missing region or family is "unknown", never an error.
 */
export const PRICES_AS_OF = 'November 2025';

/** Amazon's month for estimates. */
const HOURS = 730;
/** Any public IPv4 address, per hour, in every region. */
const PUBLIC_ADDRESS = 0.005;

/** Within a family, the price is proportional to the size. */
const SIZES: Readonly<Record<string, number>> = {
  nano: 1 / 16,
  micro: 1 / 8,
  small: 1 / 4,
  medium: 1 / 2,
  large: 1,
  xlarge: 2,
  '2xlarge': 4,
  '4xlarge': 8,
  '8xlarge': 16,
};

interface RegionPrices {
  /** gp3, per GB and month. */
  readonly disk: number;
  /** Hourly price of size `large`, by family. */
  readonly large: Readonly<Record<string, number>>;
}

const US: RegionPrices = {
  disk: 0.08,
  large: {
    t3: 0.0832,
    t3a: 0.0752,
    t4g: 0.0672,
    m5: 0.096,
    m6i: 0.096,
    m6g: 0.077,
    m7i: 0.1008,
    m7g: 0.0816,
    c5: 0.085,
    c6i: 0.085,
    c6g: 0.068,
    c7i: 0.08925,
    c7g: 0.0725,
    r5: 0.126,
    r6i: 0.126,
    r6g: 0.1008,
    r7g: 0.1071,
  },
};

const REGIONS: Readonly<Record<string, RegionPrices>> = {
  'us-east-1': US,
  'us-east-2': US,
  'us-west-2': US,
  'ca-central-1': { disk: 0.088, large: { t3: 0.0928, t4g: 0.0744, m5: 0.107, m6i: 0.107 } },
  'eu-west-1': {
    disk: 0.088,
    large: {
      t3: 0.0912,
      t3a: 0.0816,
      t4g: 0.0736,
      m5: 0.107,
      m6i: 0.107,
      m6g: 0.086,
      m7g: 0.0911,
      c5: 0.096,
      c6i: 0.0912,
      r5: 0.141,
      r6i: 0.141,
    },
  },
  'eu-west-2': { disk: 0.0928, large: { t3: 0.0944, t4g: 0.0752, m5: 0.111, m6i: 0.111 } },
  'eu-central-1': {
    disk: 0.0952,
    large: {
      t3: 0.096,
      t3a: 0.0864,
      t4g: 0.0768,
      m5: 0.115,
      m6i: 0.115,
      m6g: 0.092,
      m7g: 0.0978,
      c5: 0.097,
      c6i: 0.097,
      r5: 0.152,
      r6i: 0.152,
    },
  },
  'ap-southeast-1': { disk: 0.096, large: { t3: 0.1056, t4g: 0.0848, m5: 0.12, m6i: 0.12 } },
  'ap-southeast-2': { disk: 0.096, large: { t3: 0.1056, t4g: 0.0848, m5: 0.12, m6i: 0.12 } },
  'ap-northeast-1': { disk: 0.096, large: { t3: 0.1088, t4g: 0.0864, m5: 0.124, m6i: 0.124 } },
};

/** Monthly price in US dollars of a machine with its disk and public address; undefined if a part is unknown. */
export function monthlyPrice(region: string, type: string, diskGb: number): number | undefined {
  const [family = '', size = ''] = type.split('.');
  const prices = own(REGIONS, region);
  const large = prices && own(prices.large, family);
  const factor = own(SIZES, size);
  if (!prices || large === undefined || factor === undefined) return undefined;
  return (large * factor + PUBLIC_ADDRESS) * HOURS + prices.disk * diskGb;
}

export function priceInWords(monthly: number | undefined): string {
  return monthly === undefined ? 'price unknown' : `$${monthly.toFixed(2)} a month`;
}
