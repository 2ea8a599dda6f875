namespace Shop.Http;

/// <summary>Limits, headers and problem details shared by the shop and its worker.</summary>
internal static class HttpDefaults
{
    /// <summary>Maximum size of a request body in bytes. The longest texts that a write accepts fit, with every character escaped.</summary>
    public const int MaximumBodySize = 64 * 1024;

    /// <summary>Names of this machine only: a page of another site cannot reach the shop by a name that resolves to 127.0.0.1.</summary>
    private const string LoopbackHosts = "localhost;127.0.0.1;[::1]";

    /// <summary>Adds the services for <see cref="UseHttpDefaults"/>. Every setting of the host stays in force: urls, AllowedHosts, Kestrel.</summary>
    /// <param name="builder">Builder of the program.</param>
    /// <param name="address">Address to listen on if the setting urls is missing.</param>
    public static void AddHttpDefaults(this WebApplicationBuilder builder, string address)
    {
        if (builder.Configuration["urls"] is null)
            builder.WebHost.UseUrls(address);

        if (builder.Configuration["AllowedHosts"] is null)
            builder.Configuration["AllowedHosts"] = LoopbackHosts;

        builder.WebHost.ConfigureKestrel(static options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestBodySize = MaximumBodySize;
        });
        var services = builder.Services;

        // First, so that the refusals of the host filter, which is a startup filter too, pass through it.
        services.Insert(0, ServiceDescriptor.Singleton<IStartupFilter, HttpBoundary>());
        services.Configure<Microsoft.AspNetCore.HostFiltering.HostFilteringOptions>(static options =>
        {
            options.AllowEmptyHosts = false;
            options.IncludeFailureMessage = false; // HttpBoundary writes a problem instead of a page
        });
        services.AddProblemDetails(static options => options.CustomizeProblemDetails = Problems.Complete).AddExceptionHandler<Problems>();
        services.Configure<RouteHandlerOptions>(static options => options.ThrowOnBadRequest = true);
        services.ConfigureHttpJsonOptions(static options => ShopJson.Configure(options.SerializerOptions));
    }

    public static void UseHttpDefaults(this WebApplication app) => app.UseExceptionHandler().Use(RequestChecks.CheckAsync);
}
