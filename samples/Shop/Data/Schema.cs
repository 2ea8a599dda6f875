namespace Shop.Data;

/// <summary>
/// Tables, in SQL that SQLite and PostgreSQL both accept. Prices are whole cents, and therefore exact. <c>changed_at</c> is the time of the last
/// write, in microseconds since 1970; 0 for a row that was never written again.
/// </summary>
internal static class Schema
{
    public const string Tables = """
        CREATE TABLE IF NOT EXISTS categories (
            id bigint NOT NULL PRIMARY KEY,
            name text NOT NULL,
            version bigint NOT NULL DEFAULT 1,
            changed_at bigint NOT NULL DEFAULT 0);
        CREATE TABLE IF NOT EXISTS products (
            id bigint NOT NULL PRIMARY KEY,
            name text NOT NULL,
            description text NOT NULL,
            price_in_cents bigint NOT NULL,
            category_id bigint NOT NULL REFERENCES categories (id),
            featured boolean NOT NULL,
            version bigint NOT NULL DEFAULT 1,
            changed_at bigint NOT NULL DEFAULT 0);
        CREATE INDEX IF NOT EXISTS products_by_category ON products (category_id);
        """;

    /// <summary>Tables whose column <c>changed_at</c> is missing in databases of earlier versions of the shop.</summary>
    public static readonly string[] Changing = ["categories", "products"];

    /// <summary>
    /// Additions in PostgreSQL for changes by other programs: the server sends the old values of changed rows, and counts the version of a row for a
    /// writer that does not.
    /// </summary>
    public const string OtherWriters = """
        ALTER TABLE categories REPLICA IDENTITY FULL;
        ALTER TABLE products REPLICA IDENTITY FULL;
        ALTER TABLE orders REPLICA IDENTITY FULL;
        CREATE OR REPLACE FUNCTION count_version() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            NEW.version := OLD.version + 1;
            NEW.changed_at := extract(epoch FROM clock_timestamp()) * 1000000;
            RETURN NEW;
        END $$;
        CREATE OR REPLACE TRIGGER count_version BEFORE UPDATE ON categories FOR EACH ROW
            WHEN (OLD.version = NEW.version AND OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION count_version();
        CREATE OR REPLACE TRIGGER count_version BEFORE UPDATE ON products FOR EACH ROW
            WHEN (OLD.version = NEW.version AND OLD IS DISTINCT FROM NEW) EXECUTE FUNCTION count_version();
        """;

    public const string IsSeeded = "SELECT count(*) FROM categories";

    public const string Seed = """
        INSERT INTO categories (id, name) VALUES
            (1, 'Electronics'), (2, 'Books'), (3, 'Clothing'), (4, 'Home'), (5, 'Sports');
        INSERT INTO products (id, name, description, price_in_cents, category_id, featured) VALUES
            (1, 'Laptop', 'Fourteen inches, all day on one charge', 99999, 1, true),
            (2, 'Headphones', 'Closed, with a cable that can be replaced', 19950, 1, false),
            (3, 'Telephone', 'With real buttons', 59900, 1, false),
            (4, 'A History of Maps', 'How people drew where they were', 3495, 2, true),
            (5, 'Cooking for Two', 'Sixty dishes in thirty minutes each', 2200, 2, false),
            (6, 'The Night Train', 'A novel in nine stations', 1299, 2, false),
            (7, 'Rain Jacket', 'Keeps dry and packs small', 12900, 3, true),
            (8, 'Wool Socks', 'Three pairs', 1850, 3, false),
            (9, 'Kettle', 'Boils a litre in two minutes', 4490, 4, false),
            (10, 'Desk Lamp', 'Warm light, no flicker', 3975, 4, false),
            (11, 'Running Shoes', 'Light, for road and track', 11000, 5, true);
        """;

    /// <summary>
    /// Returns the SQL for the table of orders. An order stores the name and the price it was made with, because its product may change or be
    /// deleted.
    /// </summary>
    public static string Orders(Dialect dialect) => $"""
        CREATE TABLE IF NOT EXISTS orders (
            id {dialect.Numbered},
            customer text NOT NULL,
            product_id bigint NOT NULL,
            product_name text NOT NULL,
            price_in_cents bigint NOT NULL,
            quantity bigint NOT NULL);
        CREATE INDEX IF NOT EXISTS orders_by_customer ON orders (customer, id);
        """;
}
