"""Routes that no single line says: of Rails' resources, of a file's place, of a group, of two marks, of screens."""

from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.graph.rails import rails_routes
from tests.unit.analyzer.repositories import Files, answered, ways_into

Make = Callable[..., Path]

ROUTES = """Rails.application.routes.draw do
  # resources :drafts
  root to: "home#index"
  resources :orders, only: %i[index show] do
    resources :lines, only: :create
    member do
      post :ship
    end
    get :open, on: :collection
    delete :lines, on: :member
  end
  resources :carriers, except: [:new, :edit, :destroy], param: :code
  resource :basket, only: [
    :show,
    :destroy
  ]
  namespace :admin do
    resources :users, only: :index, controller: "people"
    get "health", to: "checks#show"
  end
  scope "/api", module: :v1 do
    get "orders/:id" => "orders#show"
  end
  scope module: "shop" do
    resources :categories, only: :index, path: "departments"
  end
  if Rails.env.development?
    get "pages/about"
  end
  match "/search", to: "search#index", via: [:get, :post]
  get "/old", to: redirect("/new")
end
"""
WANTED = [
    ("GET", "", "home", "index"),
    ("GET", "/orders", "orders", "index"),
    ("GET", "/orders/:id", "orders", "show"),
    ("POST", "/orders/:order_id/lines", "lines", "create"),
    ("POST", "/orders/:id/ship", "orders", "ship"),
    ("GET", "/orders/open", "orders", "open"),
    ("DELETE", "/orders/:id/lines", "orders", "lines"),
    ("GET", "/carriers", "carriers", "index"),
    ("POST", "/carriers", "carriers", "create"),
    ("GET", "/carriers/:code", "carriers", "show"),
    ("PATCH", "/carriers/:code", "carriers", "update"),
    ("GET", "/basket", "baskets", "show"),
    ("DELETE", "/basket", "baskets", "destroy"),
    ("GET", "/admin/users", "admin/people", "index"),
    ("GET", "/admin/health", "admin/checks", "show"),
    ("GET", "/api/orders/:id", "v1/orders", "show"),
    ("GET", "/departments", "shop/categories", "index"),
    ("GET", "/pages/about", "pages", "about"),
    ("", "/search", "search", "index"),
]


def test_rails_routes_are_those_that_its_resources_stand_for() -> None:
    found = [
        (route.verb, f"/{path}" if (path := route.path.strip("/")) else "", route.controller, route.action)
        for route in rails_routes(ROUTES.splitlines())
    ]
    assert found == WANTED


@pytest.mark.parametrize(
    "text", ["end\nend\nresources :orders, only: :index\n", "resources\nget\nscope do\nnamespace do\nend\n", ""]
)
def test_a_file_of_routes_that_is_cut_or_odd_is_read_as_far_as_it_goes(text: str) -> None:
    found = [(route.controller, route.action) for route in rails_routes(text.splitlines())]
    assert found == ([("orders", "index")] if "only" in text else [])


PLACES: dict[str, tuple[Files, list[tuple[str, str]]]] = {
    "resources of Rails that a controller answers": (
        {
            "config/routes.rb": (
                "Rails.application.routes.draw do\n  resources :orders\n  namespace :admin do\n"
                "    resources :orders, only: :index\n  end\nend\n"
            ),
            "app/controllers/orders_controller.rb": "class OrdersController\n  def show\n  end\nend\n",
            "app/controllers/admin/orders_controller.rb": "class Admin::OrdersController\n  def index\n  end\nend\n",
        },
        [("GET /orders/:id", "OrdersController.show"), ("GET /admin/orders", "OrdersController.index")],
    ),
    "files whose place is their address": (
        {
            "src/app/api/(shop)/orders/[id]/route.ts": (
                "export async function GET(request: Request) {\n  return 1;\n}\n\n"
                "export async function DELETE() {\n  return 2;\n}\n\nfunction helper() {\n  return 3;\n}\n"
            ),
            "src/app/orders/page.tsx": "export default function Orders() {\n  return null;\n}\n",
            "pages/api/carriers/index.ts": "export default function list(req, res) {\n  return 1;\n}\n",
            "src/routes/parcels/+server.ts": "export function POST() {\n  return 1;\n}\n",
            "src/lib/route.ts": "export function GET() {\n  return 1;\n}\n",
        },
        [
            ("GET /api/orders/[id]", "GET"),
            ("DELETE /api/orders/[id]", "DELETE"),
            ("/orders", "Orders"),
            ("/api/carriers", "list"),
            ("POST /parcels", "POST"),
        ],
    ),
    "views that are imported under another name": (
        {
            "shop/urls.py": (
                "from shop.views import cards as card_views\nfrom shop.views import orders as order_views\n\n"
                'urlpatterns = [\n    path("orders", order_views.index),\n    path("cards", card_views.index),\n]\n'
            ),
            "shop/views/orders.py": "def index(request):\n    return 1\n",
            "shop/views/cards.py": "def index(request):\n    return 2\n",
        },
        [("/orders", "index"), ("/cards", "index")],
    ),
    "screens in a browser": (
        {
            "src/App.jsx": (
                "import { Orders } from './Orders';\n\nexport function App() {\n  return (\n"
                '    <Route path="/orders/:id" component={Orders} />\n'
                '    <Route exact path="/" element={<Home />} />\n  );\n}\n\nfunction Home() {\n  return null;\n}\n'
            ),
            "src/Orders.jsx": "export function Orders() {\n  return null;\n}\n",
            "src/router.js": "const routes = [\n  {\n    path: 'list',\n    component: Orders,\n  },\n];\n",
            "src/agent.js": "export function save(a) {\n  requests.put(`/orders/${a.id}`, { order: Orders(a) });\n}\n",
        },
        [("/orders/:id", "Orders"), ("/", "Home"), ("/list", "Orders")],
    ),
    "groups whose routes have a path in common": (
        {
            "main.go": (
                'package main\n\nfunc routes() {\n\tapi := router.Group("/api")\n\tv1 := api.Group("/v1")\n'
                '\tv1.GET("/orders", listOrders)\n\trouter.GET("/health", health)\n}\n\n'
                "func listOrders() {}\n\nfunc health() {}\n"
            ),
            "shop.py": (
                'shop = Blueprint("shop", __name__, url_prefix="/shop")\n\n\n'
                '@shop.route("/orders")\ndef orders():\n    return 1\n'
            ),
            "Api.cs": (
                "public static class Api\n{\n    public static void Map(App app)\n    {\n"
                '        var api = app.MapGroup("api/orders");\n        api.MapGet("/open", Open);\n    }\n\n'
                "    public static void Open()\n    {\n    }\n}\n"
            ),
        },
        [
            ("GET /api/v1/orders", "listOrders"),
            ("GET /health", "health"),
            ("/shop/orders", "orders"),
            ("GET /api/orders/open", "Api.Open"),
        ],
    ),
    "ASP.NET where no path is told, and where two marks make one": (
        {
            "OrderController.cs": (
                "public class OrderController\n{\n    [HttpGet]\n    public string Mine()\n    {\n"
                '        return null;\n    }\n\n    [Route("orders/send")]\n    [HttpPost]\n'
                "    public string Send()\n    {\n        return null;\n    }\n}\n"
            )
        },
        [("GET /Order/Mine", "OrderController.Mine"), ("POST /orders/send", "OrderController.Send")],
    ),
    "a mark of the same name that has nothing to do with requests": (
        {"Platform.kt": "class Substitution {\n    @Delete\n    fun findPlatform() {}\n}\n"},
        [],
    ),
}


@pytest.mark.parametrize("case", PLACES)
def test_a_route_is_found_where_no_line_says_all_of_it(repository: Make, case: str) -> None:
    files, wanted = PLACES[case]
    assert answered(ways_into(repository(files))[0]) == sorted(wanted)
