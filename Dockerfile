# The shop and its worker; compose.yaml says which of them a service is.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish samples/Shop -c Release -o /app/Shop && dotnet publish samples/Shop.Worker -c Release -o /app/Shop.Worker

FROM mcr.microsoft.com/dotnet/aspnet:10.0
COPY --from=build /app /app
WORKDIR /app
USER app
