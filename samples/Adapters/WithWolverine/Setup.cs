using Wolverine;

namespace Adapters.WithWolverine;

public static class Setup
{
    public static void AddProducts(this WolverineOptions options)
    {
        options.UseRuntimeCompilation(); // or generate the code of the handlers before the deployment
        options.Discovery.DisableConventionalDiscovery().IncludeType(typeof(ProductHandlers));
        options.Policies.ForMessagesOfType<IProductCommand>().AddMiddleware(typeof(InvalidatingCommands)); // added first, runs last
        options.Services.AddProductCache();
    }
}
