"""Payment providers and card checks, from whose pages a buyer comes back; written by hand.

Of providers whose own site sends visitors too, only the hosts of the payment page are listed.
"""

from __future__ import annotations

PAYMENTS = frozenset(
    """
    2checkout.com secure.2co.com
    3dsecure.io 3dsecure.no 3d-secure.pluscard.de 3dsecure.icscards.nl
    adyen.com adyenpayments.com
    afterpay.com clearpay.co.uk
    affirm.com
    alipay.com
    alma.eu getalma.eu
    amazonpay.com pay.amazon.com pay.amazon.co.uk pay.amazon.eu payments.amazon.com payments.amazon.de
    api.razorpay.com checkout.razorpay.com
    arcot.com
    asiapay.com paydollar.com
    authipay.com ipg-online.com
    authorize.net
    bancontact.com
    securecode.com
    billdesk.com
    blik.com
    bluesnap.com
    braintreegateway.com braintreepayments.com
    cardinalcommerce.com
    cashfree.com
    ccavenue.com
    checkout.com
    checkout.stripe.com buy.stripe.com billing.stripe.com hooks.stripe.com invoice.stripe.com js.stripe.com pay.stripe.com
    chargebee.com recurly.com
    concardis.com payengine.de
    cybersource.com
    datatrans.com datatrans.biz
    dibspayment.eu dibspayment.com
    dotpay.pl
    eway.com.au
    firstdata.com
    fondy.eu
    pay.g2a.com
    giropay.de
    gocardless.com
    gopay.com gate.gopay.cz gw.gopay.com
    hipay.com hipay-tpp.com
    ideal.nl
    instamojo.com
    iyzico.com iyzipay.com
    klarna.com klarnacdn.net
    mastercardidentitycheck.com
    mercadopago.com mercadopago.com.br mercadopago.com.ar mercadopago.com.mx
    mobilepay.dk
    modirum.com
    mollie.com
    monetico-services.com
    multisafepay.com
    neteller.com
    nets.eu
    novalnet.de
    oney.fr
    opayo.co.uk sagepay.com opayo.eu.elavon.com
    paddle.com
    pagseguro.uol.com.br
    pay.google.com
    pay.jp
    paybox.com
    paydirekt.de
    payfast.co.za
    paygate.co.za
    paylike.io
    paymentwall.com
    payone.com pay1.de
    payoneer.com
    paypal.com paypal.me
    paypo.pl
    paysafecard.com
    paysera.com
    paystack.com paystack.co
    paytabs.com
    paytm.in
    paytrail.com
    payu.com payu.in payu.pl payu.cz payu.ro payu.hu
    paynow.pl
    paypay.ne.jp
    przelewy24.pl
    quickpay.net
    redsys.es
    rsa3dsauth.com rsa3dsauth.co.uk
    saferpay.com
    santander-ratenkauf.de
    satispay.com
    secure-3ds.com
    sezzle.com
    checkout.shopify.com pay.shopify.com
    sibs.pt
    skrill.com
    sofort.com sofortueberweisung.de
    square.link checkout.square.site
    sumup.link pay.sumup.com
    swish.nu
    tabby.ai
    tamara.co
    tpay.com
    trustly.com trustly.net
    twint.ch
    unzer.com
    verifiedbyvisa.com
    viva-wallet.com vivapayments.com
    vipps.no
    walley.se collector.se
    wepay.com
    wirecard.com
    worldpay.com
    worldline-solutions.com
    yookassa.ru yoomoney.ru
    zip.co
    """.split()
)
