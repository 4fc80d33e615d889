from crm.app import create_app
from crm.core.config import Settings

app = create_app(Settings.from_env())
