// One payment on a page of its own.

import { OpenPayment } from "./open-payment.js";
import { listenToPayments } from "./updates.js";

const payment = new OpenPayment(document.getElementById("payment"));
listenToPayments((id) => { if (id === payment.id) payment.onChange(); }, () => payment.onChange());
