"""What the description says of the operations of all resources but orders and webhooks (contract §1 and §3 to §8)."""

from infra.openapi.texts import Text
from infra.openapi.texts_webhooks import WEBHOOKS

COUNTRIES = "The countries filter returns what covers at least one of them."

CATALOG = {
    "GET /product-offerings": Text(
        "list_product_offerings",
        "Catalog",
        "List product offerings",
        f"Everything that you can sell, newest first. {COUNTRIES}",
        "ProductOffering product_offerings",
    ),
    "GET /product-offerings/{offering_id}": Text(
        "get_product_offering", "Catalog", "Get a product offering", "A plan or an add-on.", "ProductOffering"
    ),
    "GET /product-offerings/{offering_id}/compatible": Text(
        "list_compatible_product_offerings",
        "Catalog",
        "List compatible product offerings",
        "Of a plan, the active add-ons that fit it; of an add-on, the active plans that it fits.",
        "ProductOffering product_offerings",
    ),
    "PATCH /product-offerings/{offering_id}": Text(
        "update_product_offering",
        "Catalog",
        "Update a product offering",
        "Changes the name and the metadata. Metadata is merged key by key. What was ordered before keeps its own copy.",
        "ProductOffering",
    ),
    "GET /product-catalogs": Text(
        "list_product_catalogs",
        "Catalog",
        "List product catalogs",
        "Newest first. An add-on fits the plans that share a catalog with it.",
        "ProductCatalog product_catalogs",
    ),
    "GET /product-catalogs/{catalog_id}": Text(
        "get_product_catalog", "Catalog", "Get a product catalog", "A named selection of offerings.", "ProductCatalog"
    ),
    "GET /product-catalogs/{catalog_id}/product-offerings": Text(
        "list_product_offerings_of_catalog",
        "Catalog",
        "List the product offerings of a catalog",
        f"Newest first. {COUNTRIES}",
        "ProductOffering product_offerings",
    ),
    "GET /coverage-areas": Text(
        "list_coverage_areas",
        "Catalog",
        "List coverage areas",
        f"Newest first. {COUNTRIES}",
        "CoverageArea coverage_areas",
    ),
    "GET /coverage-areas/{coverage_area_id}": Text(
        "get_coverage_area", "Catalog", "Get a coverage area", "Where an allowance can be used.", "CoverageArea"
    ),
}
CUSTOMERS = {
    "GET /subscribers": Text(
        "list_subscribers",
        "Customers",
        "List subscribers",
        "Newest first. `email` finds a subscriber without regard to case.",
        "Subscriber subscribers",
    ),
    "GET /subscribers/{subscriber_id}": Text(
        "get_subscriber", "Customers", "Get a subscriber", "A person who uses subscriptions.", "Subscriber"
    ),
    "POST /subscribers": Text(
        "create_subscriber", "Customers", "Create a subscriber", "Adds a person to an account.", "Subscriber", 201
    ),
    "PATCH /subscribers/{subscriber_id}": Text(
        "update_subscriber",
        "Customers",
        "Update a subscriber",
        "The address is merged, `identifications` are replaced as a whole. A subscriber stays with its account.",
        "Subscriber",
    ),
    "GET /accounts": Text("list_accounts", "Customers", "List accounts", "Newest first.", "Account accounts"),
    "GET /accounts/{account_id}": Text(
        "get_account", "Customers", "Get an account", "A person or a business that pays.", "Account"
    ),
    "POST /accounts": Text(
        "create_account", "Customers", "Create an account", "A `personal` or a `business` account.", "Account", 201
    ),
    "PATCH /accounts/{account_id}": Text(
        "update_account",
        "Customers",
        "Update an account",
        "Objects and metadata are merged. The type of an account stays as it is.",
        "Account",
    ),
}
ACTION = "It is only allowed while the subscription has the link"
SUBSCRIPTIONS = {
    "GET /subscriptions": Text(
        "list_subscriptions",
        "Subscriptions",
        "List subscriptions",
        "Newest first. `iccid` and `msisdn` also find a subscription by a SIM or number that it once had.",
        "Subscription subscriptions",
    ),
    "GET /subscriptions/{subscription_id}": Text(
        "get_subscription",
        "Subscriptions",
        "Get a subscription",
        "With its SIM and its active phone numbers. Its links show which actions are allowed now.",
        "Subscription",
    ),
    "POST /subscriptions/{subscription_id}/grace": Text(
        "grace_subscription",
        "Subscriptions",
        "Give a subscription a grace period",
        f"Sets an `active` subscription to `grace`, for example while a payment is late. {ACTION} `grace`.",
        "Subscription",
    ),
    "POST /subscriptions/{subscription_id}/suspend": Text(
        "suspend_subscription",
        "Subscriptions",
        "Suspend a subscription",
        f"From then on only cancellations are accepted. {ACTION} `suspend`.",
        "Subscription",
    ),
    "POST /subscriptions/{subscription_id}/deactivate": Text(
        "deactivate_subscription",
        "Subscriptions",
        "Deactivate a subscription",
        f"Takes an `active` subscription out of service until it is resumed. {ACTION} `deactivate`.",
        "Subscription",
    ),
    "POST /subscriptions/{subscription_id}/resume": Text(
        "resume_subscription",
        "Subscriptions",
        "Resume a subscription",
        f"Puts a `deactivated` subscription back into service. {ACTION} `resume`.",
        "Subscription",
    ),
    "GET /phone-numbers": Text(
        "list_phone_numbers", "Subscriptions", "List phone numbers", "Newest first.", "PhoneNumber phone_numbers"
    ),
    "GET /phone-numbers/{phone_number_id}": Text(
        "get_phone_number", "Subscriptions", "Get a phone number", "A number of a subscription (E.164).", "PhoneNumber"
    ),
}
PRODUCTS = {
    "GET /products": Text(
        "list_products",
        "Products",
        "List products",
        "Newest first. `subscription` is an alias of `subscription-id`.",
        "Product products",
    ),
    "GET /products/{product_id}": Text(
        "get_product", "Products", "Get a product", "With its balances, prices and dates.", "Product"
    ),
    "POST /products/{product_id}/activate": Text(
        "activate_product",
        "Products",
        "Activate a product",
        "Starts a product that is `scheduled` or `pending`. Only allowed while the product has the link `activate`.",
        "Product",
    ),
    "POST /products/{product_id}/cancel": Text(
        "cancel_product",
        "Products",
        "Cancel a product",
        "Ends a product at once or with its cycle. A product that never started ends at once in either mode.",
        "Product",
    ),
    "PATCH /products/{product_id}": Text(
        "update_product",
        "Products",
        "Change the recurring price of a product",
        "The new price is shown at once and charged from the next cycle on.",
        "Product",
    ),
}
SIM_PROFILES = {
    "GET /sim-profiles/{sim_profile_id}": Text(
        "get_sim_profile", "SIM profiles", "Get a SIM profile", "An eSIM profile or a physical SIM.", "SimProfile"
    ),
    "GET /sim-profiles/{sim_profile_id}/secret-codes": Text(
        "get_secret_codes", "SIM profiles", "Get the PIN and PUK of a SIM", "Never log or keep them.", "SecretCodes"
    ),
    "POST /sim-profiles/reserve": Text(
        "reserve_sim_profile",
        "SIM profiles",
        "Reserve a physical SIM",
        "Holds the SIM with this activation code for 24 hours. A code that you hold and have not used gets another 24 "
        "hours.",
        "SimProfile",
        201,
    ),
    "GET /qrcode/v1/esim/{lpa}": Text(
        "get_qr_code",
        "SIM profiles",
        "Get the QR code of an eSIM",
        "Draws the LPA string of its path. It needs no token, since it is used in e-mails.",
        "Picture",
    ),
}
EVENTS = {
    "GET /events": Text(
        "list_events",
        "Events",
        "List events",
        "The log of the last 90 days, newest first. With `after` (an event id, or empty for the beginning) it is read "
        "oldest first from that place on, up to what is at least 20 seconds old: nothing can appear behind what you "
        "have read. Follow `_links.next`; while `has_more` is true, more is available at once.",
        "Event events",
    ),
    "GET /events/{event_id}": Text("get_event", "Events", "Get an event", "As it is sent to webhooks.", "Event"),
}
API = {
    "GET /": Text(
        "get_home",
        "API",
        "Get the home document",
        "Links to every collection, to the token endpoint and to this description. It is the page of `/docs` if "
        "`Accept` names `text/html`.",
        "Home",
    ),
    "HEAD /health": Text("head_health", "API", "Check that the API answers, without a body", "Like `GET`.", "Nothing"),
    "GET /openapi.json": Text(
        "get_openapi_json", "API", "Get this description as JSON", "OpenAPI 3.1, webhooks included.", "Json"
    ),
    "GET /openapi.yaml": Text(
        "get_openapi_yaml", "API", "Get this description as YAML", "OpenAPI 3.1, webhooks included.", "Yaml"
    ),
    "GET /docs/orders": Text(
        "get_orders_page",
        "API",
        "Read what orders are",
        "A page that explains plans, add-ons and every order type, with requests and answers.",
        "Page",
    ),
    "GET /docs": Text("get_docs", "API", "Get this description as a page", "It loads nothing from elsewhere.", "Page"),
    "GET /llms.txt": Text("get_llms", "API", "Get a summary for language models", "Markdown.", "Markdown"),
    "GET /health": Text("get_health", "API", "Check that the API answers", "Touches nothing else.", "Health"),
}
TEXTS = CATALOG | CUSTOMERS | SUBSCRIPTIONS | PRODUCTS | SIM_PROFILES | EVENTS | WEBHOOKS | API
