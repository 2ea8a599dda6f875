namespace Shop;

/// <summary>Data access of the shop and of its worker.</summary>
internal enum DataAccess
{
    /// <summary>SQL by Dapper: the shop writes tags and invalidations.</summary>
    Dapper,

    /// <summary>A context of Entity Framework Core: values depend on rows, and a save invalidates them.</summary>
    EntityFrameworkCore,
}
